package taxistream.kinesis;

import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
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
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.StreamStatus;

/**
 * Where the stream is, and the calls that concern all of it. Mirrors internal/kinesis/client.go, stream.go, shards.go
 * and consumer.go.
 *
 * @param stream its name or ARN
 * @param endpoint URL of a server that is not AWS, or empty
 */
public record StreamClient(String stream, String region, String endpoint) implements Serializable {
    private static final Duration START_WAIT = Duration.ofMinutes(5), CREATING_WAIT = Duration.ofSeconds(60);

    /** The one asked for, the ARN's, the AWS configuration's; with an endpoint us-east-1 serves. */
    public static String region(String stream, String region, String endpoint) {
        if (!region.isEmpty()) {
            return region;
        }
        if (stream.startsWith("arn:") && stream.split(":").length > 3) {
            return stream.split(":")[3];
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

    /** With an endpoint and no usable credentials dummies serve, and no machine's metadata is asked. */
    private AwsCredentialsProvider credentials() {
        if (endpoint.isEmpty()) {
            return DefaultCredentialsProvider.builder().build();
        }
        return AwsCredentialsProviderChain.of(SystemPropertyCredentialsProvider.create(), EnvironmentVariableCredentialsProvider.create(),
                ProfileCredentialsProvider.create(), StaticCredentialsProvider.create(AwsBasicCredentials.create("dummy", "dummy")));
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
                        throw new IOException("stream " + stream + ": " + e.getMessage().lines().findFirst().orElse("") + "; check -endpoint, -region and the credentials");
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

    /** The ARN of a consumer for enhanced fan-out, registered where it is not there. */
    public String consumer(String streamArn, String name) throws IOException, InterruptedException {
        try (KinesisClient client = open()) {
            try {
                client.registerStreamConsumer(r -> r.streamARN(streamArn).consumerName(name));
            } catch (ResourceInUseException e) {
                // It is there, and is used.
            }
            for (int i = 0; i < 300; i++) {
                var c = client.describeStreamConsumer(r -> r.streamARN(streamArn).consumerName(name)).consumerDescription();
                if (c.consumerStatus() == ConsumerStatus.ACTIVE) {
                    return c.consumerARN();
                }
                Thread.sleep(200);
            }
        }
        throw new IOException("consumer " + name + " of stream " + stream + " is not active after 60 s; start again later, or use -consumer polling");
    }
}
