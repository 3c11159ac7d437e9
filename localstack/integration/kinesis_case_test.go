package integration

// A kinesisCase is a conversation about one stream, ${s}, and others whose
// names begin with it. It is asked of every server alike.
type kinesisCase struct {
	name   string
	shards int // the stream is made with so many; with 0 the steps make it
	steps  []step
}

// A step is a request and the answer expected by the API reference.
type step struct {
	op      string
	in      string
	want    answer
	differs []difference
	soon    bool // holds only while the change before is under way
}

// An answer is a status with either the error's type or a pattern of the body.
type answer struct {
	status  int
	code    string
	pattern string
}

// A difference is what one server answers instead, and why. notAsked says that
// the step is left out there.
type difference struct {
	server   string
	want     answer
	notAsked bool
	reason   string
}

const (
	embedded   = "embedded"
	localStack = "LocalStack"
)

func ask(op, in string, want answer, differs ...difference) step {
	return step{op: op, in: in, want: want, differs: differs}
}

// soon marks a step whose answer holds only while a stream is being made or
// changed. Where a real server was done before the step came, the conversation
// begins again.
func soon(s step) step {
	s.soon = true
	return s
}

// ok expects status 200 and a body that matches the pattern, see match.
func ok(pattern string) answer { return answer{status: 200, pattern: pattern} }

// fails expects an error of the type, with the status that the API reference gives it.
func fails(code string) answer { return answer{status: 400, code: code} }

// on declares that a server answers otherwise.
func on(server string, want answer, reason string) difference {
	return difference{server: server, want: want, reason: reason}
}

// skipped declares that a server is not asked.
func skipped(server, reason string) difference {
	return difference{server: server, notAsked: true, reason: reason}
}

// settle waits until the stream is ACTIVE, so that the servers may take their time.
func settle() step { return step{op: "settle"} }

// settleOther does the same for another stream.
func settleOther(stream string) step { return step{op: "settle", in: stream} }

// gone waits until the stream is not there any more.
func gone(stream string) step { return step{op: "gone", in: stream} }

// later lets 20 ms pass.
func later() step { return step{op: "later"} }

// second lets more than a second pass: LocalStack cuts timestamps of requests to seconds.
func second() step { return step{op: "second"} }

// fiveMinutes lets iterators and page tokens expire, where the clock is ours.
func fiveMinutes() step { return step{op: "five minutes"} }

// expectation is what the server must answer, or that it is not to be asked.
func (s step) expectation(server string) (want answer, asked bool) {
	for _, d := range s.differs {
		if d.server == server {
			return d.want, !d.notAsked
		}
	}
	return s.want, true
}

// Codes of the API reference.
const (
	invalidArgument = "InvalidArgumentException"
	validation      = "ValidationException"
	notFound        = "ResourceNotFoundException"
	inUse           = "ResourceInUseException"
	limitExceeded   = "LimitExceededException"
)

// What kinesis-mock, which is LocalStack's Kinesis, does by rule.
var (
	asArgument = on(localStack, fails(invalidArgument),
		"kinesis-mock checks lengths, patterns and ranges itself and answers InvalidArgumentException; the service holds requests to the API's model first and answers ValidationException")
	undecodable = on(localStack, fails("SerializationException"),
		"kinesis-mock cannot decode a request without a needed member, or with a value out of an enumeration; the service answers ValidationException")
	unchecked = on(localStack, ok(""), "kinesis-mock does not check these")
	fallsOver = on(localStack, answer{status: 500, code: "500"}, "kinesis-mock fails inside on it, with status 500")
)

const undivided = "kinesis-mock divides 2^128-1, not 2^128, so that the borders of its shards are lower by one"
