package taxistream.aws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.services.kinesis.model.KinesisException;

class CredentialsTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "ExpiredTokenException | The security token included in the request is expired | true",
        "UnrecognizedClientException | The security token included in the request is invalid. | true",
        "InvalidSignatureException | Signature expired: 20160105T120000Z is now earlier than 20160105T121500Z | true",
        "InvalidSignatureException | The request signature we calculated does not match the signature you provided | false",
        "AccessDeniedException | User: arn:aws:iam::000000000000:user/taxi is not authorized to perform: kinesis:GetRecords | false",
        "ResourceNotFoundException | Stream taxi under account 000000000000 not found. | false",
    })
    void whatNewCredentialsMayMend(String code, String message, boolean want) {
        Exception e = KinesisException.builder().statusCode(400).message(message)
                .awsErrorDetails(AwsErrorDetails.builder().errorCode(code).errorMessage(message).serviceName("Kinesis").build()).build();
        var refusals = new Credentials.Refusals();
        for (int i = 0; i < 3; i++) {
            assertEquals(want, refusals.mayPass(e.toString()), e.toString());
        }
        assertTrue(e.getMessage().contains(message));
    }
}
