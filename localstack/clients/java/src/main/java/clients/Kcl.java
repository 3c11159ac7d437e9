package clients;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.common.KinesisClientUtil;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.exceptions.InvalidStateException;
import software.amazon.kinesis.exceptions.ShutdownException;
import software.amazon.kinesis.lifecycle.events.InitializationInput;
import software.amazon.kinesis.lifecycle.events.LeaseLostInput;
import software.amazon.kinesis.lifecycle.events.ProcessRecordsInput;
import software.amazon.kinesis.lifecycle.events.ShardEndedInput;
import software.amazon.kinesis.lifecycle.events.ShutdownRequestedInput;
import software.amazon.kinesis.processor.ShardRecordProcessor;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.KinesisClientRecord;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/**
 * Reads a whole stream with one worker of KCL and prints the trip ids, one a line:
 * Kcl KINESIS AWS STREAM polling|fan-out COUNT. It ends a little after COUNT trips. All settings
 * of the clients are the SDK's: CBOR, HTTP/2. KCL takes aggregates apart and drops what lies
 * outside the shard's range of hash keys. Its leases and metrics are AWS's, which is moto.
 */
public final class Kcl {
    private static final Pattern TRIP = Pattern.compile("\"type\":\"trip\",\"trip_id\":(\\d+)");
    private static final AtomicInteger read = new AtomicInteger();

    public static void main(String[] args) throws Exception {
        StaticCredentialsProvider who = StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b"));
        URI aws = URI.create(args[1]);
        KinesisAsyncClient kinesis = KinesisClientUtil.createKinesisAsyncClient(KinesisAsyncClient.builder()
                .endpointOverride(URI.create(args[0])).region(Region.US_EAST_1).credentialsProvider(who));
        DynamoDbAsyncClient dynamo = DynamoDbAsyncClient.builder()
                .endpointOverride(aws).region(Region.US_EAST_1).credentialsProvider(who).build();
        CloudWatchAsyncClient cloudWatch = CloudWatchAsyncClient.builder()
                .endpointOverride(aws).region(Region.US_EAST_1).credentialsProvider(who).build();
        ConfigsBuilder configs = new ConfigsBuilder(
                new SingleStreamTracker(args[2], InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON)),
                "kcl-" + args[3], kinesis, dynamo, cloudWatch, UUID.randomUUID().toString(), Processor::new);
        var retrieval = configs.retrievalConfig();
        if (args[3].equals("polling")) {
            retrieval.retrievalSpecificConfig(new PollingConfig(args[2], kinesis).idleTimeBetweenReadsInMillis(200));
        }
        // Shorter waits than the defaults, which are meant for days: parents are ended and children
        // begun within seconds.
        var leases = configs.leaseManagementConfig().failoverTimeMillis(4000).shardSyncIntervalMillis(2000);
        var coordinator = configs.coordinatorConfig().parentShardPollIntervalMillis(500).shardConsumerDispatchPollIntervalMillis(200);
        Scheduler scheduler = new Scheduler(configs.checkpointConfig(), coordinator, leases, configs.lifecycleConfig(),
                configs.metricsConfig(), configs.processorConfig(), retrieval);
        Thread worker = new Thread(scheduler);
        worker.setDaemon(true);
        worker.start();
        int count = Integer.parseInt(args[4]);
        for (int i = 0; read.get() < count && i < 1500; i++) {
            Thread.sleep(100);
        }
        Thread.sleep(2000); // what is read twice comes now
        try {
            scheduler.startGracefulShutdown().get(20, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            System.err.println("the worker does not end; what it read counts all the same");
        }
        System.out.flush();
        Runtime.getRuntime().halt(0); // threads of the SDK's clients would keep the process
    }

    private static final class Processor implements ShardRecordProcessor {
        @Override
        public void initialize(InitializationInput input) {}

        @Override
        public void processRecords(ProcessRecordsInput input) {
            StringBuilder ids = new StringBuilder();
            int n = 0;
            for (KinesisClientRecord record : input.records()) {
                Matcher trip = TRIP.matcher(StandardCharsets.UTF_8.decode(record.data()));
                if (trip.find()) {
                    ids.append(trip.group(1)).append('\n');
                    n++;
                }
            }
            System.out.print(ids);
            read.addAndGet(n);
        }

        @Override
        public void leaseLost(LeaseLostInput input) {}

        @Override
        public void shardEnded(ShardEndedInput input) {
            try {
                input.checkpointer().checkpoint();
            } catch (ShutdownException | InvalidStateException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void shutdownRequested(ShutdownRequestedInput input) {
            try {
                input.checkpointer().checkpoint();
            } catch (ShutdownException | InvalidStateException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
