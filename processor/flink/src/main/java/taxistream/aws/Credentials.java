package taxistream.aws;

import java.util.concurrent.TimeUnit;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProviderChain;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.EnvironmentVariableCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.auth.credentials.SystemPropertyCredentialsProvider;
import software.amazon.awssdk.profiles.ProfileFileSupplier;

/**
 * The AWS credentials, by the SDK's providers, which renew them: before they end, and from files when those change.
 * Mirrors internal/awsconf/credentials.go.
 */
public final class Credentials {
    private static final String RENEW = "(?s).*(ExpiredToken|TokenRefreshRequired|RequestExpired|UnrecognizedClient|InvalidClientTokenId|InvalidAccessKeyId|InvalidToken"
            + "|Signature expired|Signature not yet current|RequestTimeTooSkewed|RequestInTheFuture|security token included in the request is (expired|invalid)).*";
    private static final long LONGEST_NS = TimeUnit.MINUTES.toNanos(5), FORGOTTEN_NS = TimeUnit.MINUTES.toNanos(1);

    private Credentials() {}

    /** A process's only provider for AWS. */
    public static AwsCredentialsProvider ofProcess() {
        return Holder.AWS;
    }

    /** With an endpoint that is not AWS and no usable credentials dummies serve, and no machine's metadata is asked. */
    public static AwsCredentialsProvider elsewhere() {
        return AwsCredentialsProviderChain.builder().reuseLastProviderEnabled(false).credentialsProviders(SystemPropertyCredentialsProvider.create(),
                EnvironmentVariableCredentialsProvider.create(), ProfileCredentialsProvider.builder().profileFile(ProfileFileSupplier.defaultSupplier()).build(),
                StaticCredentialsProvider.create(AwsBasicCredentials.create("dummy", "dummy"))).build();
    }

    private static final class Holder {
        static final AwsCredentialsProvider AWS = DefaultCredentialsProvider.builder().profileFile(ProfileFileSupplier.defaultSupplier()).build();
    }

    /** Whether an answer refuses credentials, which new ones may take back. */
    public static boolean areRefused(String answer) {
        return answer.matches(RENEW);
    }

    /** Refusals of credentials one after the other, by which new ones are waited for. */
    public static final class Refusals {
        private long since, last; // 0: none

        /** Whether an answer refuses credentials, and has not for too long. */
        public synchronized boolean mayPass(String answer) {
            if (!areRefused(answer)) {
                return false;
            }
            long now = System.nanoTime() | 1;
            if (since == 0 || now - last > FORGOTTEN_NS) {
                since = now;
            }
            last = now;
            return now - since < LONGEST_NS;
        }
    }
}
