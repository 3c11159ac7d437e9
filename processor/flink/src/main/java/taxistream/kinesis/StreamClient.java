package taxistream.kinesis;

import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ConsumerStatus;
import software.amazon.awssdk.services.kinesis.model.KinesisException;
import software.amazon.awssdk.services.kinesis.model.ListShardsRequest;
import software.amazon.awssdk.services.kinesis.model.ListShardsResponse;
import software.amazon.awssdk.services.kinesis.model.ResourceInUseException;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;
import taxistream.aws.Credentials;

/**
 * Where the stream is, and the calls that concern all of it. Mirrors internal/kinesis/client.go, stream.go, shards.go
 * and consumer.go.
 *
 * @param stream its name or ARN
 * @param endpoint URL of a server that is not AWS, or empty
 */
public record StreamClient(String stream, String region, String endpoint) implements Serializable {
    private static final Duration START_WAIT = Duration.ofMinutes(5), CREATING_WAIT = Duration.ofSeconds(60);

    public static final String NAME = "[a-zA-Z0-9_.-]{1,128}";
    private static final Pattern ARN = Pattern.compile("arn:[a-z0-9-]+:kinesis:([a-z0-9-]+):[0-9]{12}:stream/" + NAME);

    /** Refuses what is neither a stream's name nor its ARN, and an ARN in another region than the one asked for. */
    public static void check(String stream, String region) {
        Matcher arn = ARN.matcher(stream);
        if (!arn.matches() && !stream.matches(NAME)) {
            throw new IllegalArgumentException("-stream \"" + stream + "\": write a stream's name, of letters, digits and _ . -, or its ARN");
        }
        if (arn.matches() && !region.isEmpty() && !region.equals(arn.group(1))) {
            throw new IllegalArgumentException("-stream " + stream + " is in region " + arn.group(1) + ", and -region says " + region + ": leave out -region");
        }
    }

    /** The one asked for, the ARN's, the AWS configuration's; with an endpoint us-east-1 serves. */
    public static String region(String stream, String region, String endpoint) {
        if (!region.isEmpty()) {
            return region;
        }
        Matcher arn = ARN.matcher(stream);
        if (arn.matches()) {
            return arn.group(1);
        }
        try {
            return DefaultAwsRegionProviderChain.builder().build().getRegion().id();
        } catch (SdkClientException e) {
            if (!endpoint.isEmpty()) {
                return "us-east-1";
            }
            throw new IllegalArgumentException("no AWS region is configured: give -region or set AWS_REGION");
        }
    }

    public KinesisClient open() {
        var b = KinesisClient.builder().region(Region.of(region)).credentialsProvider(credentials())
                .httpClientBuilder(UrlConnectionHttpClient.builder().socketTimeout(Duration.ofSeconds(30)));
        return (endpoint.isEmpty() ? b : b.endpointOverride(URI.create(endpoint))).build();
    }

    KinesisAsyncClient openAsync() {
        var b = KinesisAsyncClient.builder().region(Region.of(region)).credentialsProvider(credentials())
                .httpClientBuilder(NettyNioAsyncHttpClient.builder().maxConcurrency(1000).readTimeout(Duration.ofSeconds(60)));
        return (endpoint.isEmpty() ? b : b.endpointOverride(URI.create(endpoint))).build();
    }

    private AwsCredentialsProvider credentials() {
        return endpoint.isEmpty() ? Credentials.ofProcess() : Credentials.elsewhere();
    }

    /** Removes a consumer. One that is not there is as good as removed. */
    public void deregister(String consumerArn) {
        try (KinesisClient client = open()) {
            client.deregisterStreamConsumer(r -> r.consumerARN(consumerArn));
        } catch (ResourceNotFoundException e) {
            // It is removed.
        }
    }

    /** Finds out at the start whether these credentials may list the shards and read one. */
    public void checkRead() throws IOException, InterruptedException {
        String last = shards().stream().map(ShardSplit.Shard::id).max(Comparator.naturalOrder()).orElseThrow();
        try (KinesisClient client = open()) {
            String at = client.getShardIterator(r -> r.streamName(name()).streamARN(arn()).shardId(last).shardIteratorType(ShardIteratorType.LATEST)).shardIterator();
            client.getRecords(r -> r.shardIterator(at).limit(1).streamARN(arn()));
        } catch (KinesisException e) {
            if (Polling.isFinalError(e)) {
                throw refused(e);
            }
        }
    }

    private IOException refused(Exception e) {
        return new IOException("stream " + stream + ": " + e.getMessage().lines().findFirst().orElse("") + "; check -endpoint, -region and the credentials");
    }

    String name() {
        return stream.startsWith("arn:") ? null : stream;
    }

    String arn() {
        return stream.startsWith("arn:") ? stream : null;
    }

    /**
     * What a checkpoint names the stream by: ARN and creation time. A stream in CREATING is waited for, a service
     * that cannot be reached for five minutes.
     *
     * @throws IOException where there is no such stream, or no answer
     */
    public StreamDescriptionSummary describe() throws IOException, InterruptedException {
        long began = System.nanoTime();
        try (KinesisClient client = open()) {
            for (long wait = 100; ; wait = Math.min(2 * wait, 5000)) {
                Duration waited = Duration.ofNanos(System.nanoTime() - began);
                try {
                    StreamDescriptionSummary s = client.describeStreamSummary(r -> r.streamName(name()).streamARN(arn())).streamDescriptionSummary();
                    if (s.streamStatus() != StreamStatus.CREATING) {
                        return s;
                    }
                    if (waited.compareTo(CREATING_WAIT) > 0) {
                        throw new IOException("stream " + stream + " is still being created after 60 s; start again later");
                    }
                } catch (ResourceNotFoundException e) {
                    throw new IOException("stream " + stream + " does not exist: create it with aws kinesis create-stream --stream-name "
                            + stream + " --shard-count 8" + (endpoint.isEmpty() ? "" : " --endpoint-url " + endpoint));
                } catch (SdkClientException | KinesisException e) {
                    boolean refused = e instanceof KinesisException k && k.statusCode() / 100 == 4 && !k.isThrottlingException();
                    if (refused || waited.compareTo(START_WAIT) > 0) {
                        throw refused(e);
                    }
                }
                Thread.sleep(wait);
            }
        }
    }

    /** All shards, open and closed, that the stream still knows. */
    List<ShardSplit.Shard> shards() {
        List<ShardSplit.Shard> all = new ArrayList<>();
        try (KinesisClient client = open()) {
            ListShardsRequest next = ListShardsRequest.builder().streamName(name()).streamARN(arn()).build();
            while (next != null) {
                ListShardsResponse page = client.listShards(next);
                page.shards().forEach(s -> all.add(new ShardSplit.Shard(s.shardId(),
                        Stream.of(s.parentShardId(), s.adjacentParentShardId()).filter(Objects::nonNull).toList())));
                next = page.nextToken() == null ? null : ListShardsRequest.builder().nextToken(page.nextToken()).build();
            }
        }
        return all;
    }

    /** A consumer for enhanced fan-out; isNew: it was not there before. */
    public record Consumer(String arn, boolean isNew) {}

    /** Finds a consumer, or registers it. */
    public Consumer consumer(String streamArn, String name) throws IOException, InterruptedException {
        boolean made = false;
        try (KinesisClient client = open()) {
            try {
                client.registerStreamConsumer(r -> r.streamARN(streamArn).consumerName(name));
                made = true;
            } catch (ResourceInUseException e) {
                // It is there, and is used.
            }
            for (int i = 0; i < 300; i++) {
                var c = client.describeStreamConsumer(r -> r.streamARN(streamArn).consumerName(name)).consumerDescription();
                if (c.consumerStatus() == ConsumerStatus.ACTIVE) {
                    return new Consumer(c.consumerARN(), made);
                }
                Thread.sleep(200);
            }
        }
        throw new IOException("consumer " + name + " of stream " + stream + " is not active after 60 s; start again later, or use -consumer polling");
    }
}
