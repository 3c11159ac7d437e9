package cost

// What AWS charges for in this deployment; the prices are in useast1.go.
const (
	ShardHour          Item = "shard-hours"
	PutUnit            Item = "PUT payload units of 25 KB"
	ExtendedShardHour  Item = "shard-hours of more than 24 h retention"
	LongRetention      Item = "retention beyond 7 days"
	OnDemandStreamHour Item = "on-demand stream-hours"
	OnDemandIn         Item = "on-demand data in"
	OnDemandOut        Item = "on-demand data out"
	OnDemandExtended   Item = "on-demand retention beyond 24 h"
	FanOutHour         Item = "consumer-shard-hours"

	KeyMonth   Item = "KMS keys"
	KeyRequest Item = "KMS requests"

	FirewallMonth     Item = "firewalls"
	FirewallRuleMonth Item = "firewall rules"

	BalancerHour Item = "load balancer-hours"
	BalancerUnit Item = "load balancer capacity units"

	VolumeMonth Item = "gp3 storage of a domain"
	ActiveUser  Item = "Cognito users, Essentials"

	CPUHourARM    Item = "Fargate vCPU-hours, arm64"
	MemoryHourARM Item = "Fargate GB-hours, arm64"
	CPUHourX86    Item = "Fargate vCPU-hours, amd64"
	MemoryHourX86 Item = "Fargate GB-hours, amd64"
	ImageMonth    Item = "ECR storage"

	UnitHour    Item = "Flink KPU-hours"
	UnitMonth   Item = "Flink running storage"
	BackupMonth Item = "Flink backups"

	PublicAddressHour Item = "public IPv4 address-hours"
	EndpointHour      Item = "interface endpoint-hours"
	EndpointData      Item = "interface endpoint data"
	NATHour           Item = "NAT gateway-hours"
	NATData           Item = "NAT gateway data"
	RegionData        Item = "data inside the region"
	InternetOut       Item = "data to the internet"

	ObjectPut       Item = "S3 PUT, COPY, LIST"
	ObjectMonth     Item = "S3 Standard"
	ObjectMonthIA   Item = "S3 Standard-IA"
	ObjectMonthGIR  Item = "S3 Glacier Instant Retrieval"
	ObjectToIA      Item = "S3 transitions to Standard-IA"
	ObjectToGIR     Item = "S3 transitions to Glacier Instant Retrieval"
	FirehoseIn      Item = "Firehose data in, by 5 KB"
	PartitionedData Item = "Firehose partitioned data"
	PartitionObject Item = "Firehose partitioned objects"
	JQHour          Item = "Firehose jq hours"
	AthenaScanned   Item = "Athena data scanned"
	AlarmMonth      Item = "CloudWatch alarm metrics"
	MetricMonth     Item = "CloudWatch custom metrics"
	DashboardMonth  Item = "CloudWatch dashboards"
	LogIn           Item = "CloudWatch Logs data in"
	LogMonth        Item = "CloudWatch Logs storage"
	IoTMessage      Item = "IoT messages"
	IoTRule         Item = "IoT rules triggered"
	IoTAction       Item = "IoT rule actions"
	IoTConnection   Item = "IoT connection minutes"
	TrailEvent      Item = "CloudTrail data events"
	PipelineMinute  Item = "CodePipeline V2 minutes"
	BuildMinute     Item = "CodeBuild general1.medium minutes"
)
