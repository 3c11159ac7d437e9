package taxistream.search;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Serializable;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;
import software.amazon.awssdk.http.auth.aws.signer.AwsV4HttpSigner;
import taxistream.aws.Credentials;

/**
 * Requests to an OpenSearch server, signed for AWS where they must be. Mirrors internal/opensearch/client.go.
 *
 * @param endpoint its URL, without a name and password
 * @param login "name:password", or empty
 * @param sign the service to sign for, es or aoss, or empty
 */
public record OpenSearch(String endpoint, String login, String sign, String region) implements Serializable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An answer is waited for this long; then the request is made again. */
    private static final Duration TIMEOUT = Duration.ofSeconds(60);

    /** What a whole process shares. */
    private static final class Shared {
        static final HttpClient HTTP = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();
        static final AwsV4HttpSigner SIGNER = AwsV4HttpSigner.create();
    }

    /** Reads an endpoint as -opensearch-endpoint has it; sign empty: by the endpoint's name. */
    public static OpenSearch of(String endpoint, String sign, String region) {
        URI u = URI.create(endpoint);
        if (u.getHost() == null || !"http".equals(u.getScheme()) && !"https".equals(u.getScheme())) {
            throw new IllegalArgumentException("write a URL such as http://127.0.0.1:9200");
        }
        String login = u.getUserInfo() == null ? "" : u.getUserInfo();
        String plain = u.getScheme() + "://" + u.getHost() + (u.getPort() < 0 ? "" : ":" + u.getPort())
                + u.getPath().replaceAll("/+$", "");
        String host = u.getHost().toLowerCase(Locale.ROOT), service = sign;
        if (sign.isEmpty() && host.endsWith(".es.amazonaws.com")) {
            service = "es";
        } else if (sign.isEmpty() && host.endsWith(".aoss.amazonaws.com")) {
            service = "aoss";
        }
        return new OpenSearch(plain, login, service, region);
    }

    /** Sends a request and leaves the judgement of the answer to the caller. */
    CompletableFuture<HttpResponse<byte[]>> send(String method, String path, byte[] body, String type) {
        HttpRequest.Builder b = HttpRequest.newBuilder(URI.create(endpoint + path)).timeout(TIMEOUT)
                .method(method, body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofByteArray(body));
        if (body != null) {
            b.header("Content-Type", type);
        }
        if (!sign.isEmpty()) {
            sign(b, method, path, body);
        } else if (!login.isEmpty()) {
            b.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
        }
        return Shared.HTTP.sendAsync(b.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private void sign(HttpRequest.Builder b, String method, String path, byte[] body) {
        byte[] payload = body == null ? new byte[0] : body;
        SdkHttpRequest plain = SdkHttpRequest.builder().uri(URI.create(endpoint + path)).method(SdkHttpMethod.fromValue(method)).build();
        Shared.SIGNER.sign(r -> r.identity(Credentials.ofProcess().resolveCredentials()).request(plain)
                        .payload(() -> new ByteArrayInputStream(payload))
                        .putProperty(AwsV4HttpSigner.SERVICE_SIGNING_NAME, sign).putProperty(AwsV4HttpSigner.REGION_NAME, region))
                .request().headers().forEach((name, values) -> {
                    if (!name.equalsIgnoreCase("host") && !name.equalsIgnoreCase("content-length")) {
                        values.forEach(v -> b.header(name, v)); // the client writes those two itself
                    }
                });
    }

    /**
     * Sends a request and reads the answer; a server that cannot be reached or is overloaded is waited for, up to
     * five minutes.
     *
     * @param accepted statuses that are no failure beside the 2xx
     */
    JsonNode json(String method, String path, String body, Integer... accepted) throws IOException, InterruptedException {
        long began = System.nanoTime();
        for (long wait = 100; ; wait = Math.min(2 * wait, 5000)) {
            String trouble;
            try {
                HttpResponse<byte[]> answer = send(method, path, body == null ? null : body.getBytes(StandardCharsets.UTF_8), "application/json").get();
                int status = answer.statusCode();
                if (status / 100 == 2 || List.of(accepted).contains(status)) {
                    return status / 100 == 2 || status == 404 ? JSON.readTree(answer.body()) : JSON.createObjectNode();
                }
                trouble = "status " + status + " " + new String(answer.body(), StandardCharsets.UTF_8).lines().findFirst().orElse("");
                if (status != 429 && status < 500 && !Credentials.areRefused(trouble)) {
                    throw new IOException(method + " " + endpoint + path + ": " + trouble + "; check the endpoint and the right to write there");
                }
            } catch (java.util.concurrent.ExecutionException e) {
                trouble = "cannot be reached: " + e.getCause();
            }
            if (System.nanoTime() - began > Duration.ofMinutes(5).toNanos()) {
                throw new IOException(endpoint + ": " + trouble + "; start OpenSearch, or name another -opensearch-endpoint");
            }
            Thread.sleep(wait);
        }
    }
}
