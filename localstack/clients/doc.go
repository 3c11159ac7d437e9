// Package clients tries the embedded Kinesis, and what the producer writes there, with
// clients that nobody here wrote: boto3, the JavaScript SDK and the Kinesis Client
// Library for Java. Their programs are in python, js and java; `make clients` installs
// what they need below bin/clients and runs them.
package clients
