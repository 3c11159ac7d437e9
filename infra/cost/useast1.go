package cost

// USEast1 has the on-demand prices of US East (N. Virginia), first volume tier. The
// instance prices are those of AWS's price list of the date below; the others are
// those of the named pages, which had stood unchanged for a year or more. All were
// taken from public copies, none is fetched when the program runs. To renew the
// table, open each page, correct it here, and change the date.
var USEast1 = Table{
	Region: "us-east-1",
	Date:   "2026-10-01",
	Prices: map[Item]Price{
		ShardHour:          {0.015, "h", kinesisPage},
		PutUnit:            {0.014, "million", kinesisPage},
		ExtendedShardHour:  {0.02, "h", kinesisPage},
		LongRetention:      {0.023, "GB-month", kinesisPage},
		OnDemandStreamHour: {0.04, "h", kinesisPage},
		OnDemandIn:         {0.08, "GB", kinesisPage},
		OnDemandOut:        {0.04, "GB", kinesisPage},
		OnDemandExtended:   {0.10, "GB-month", kinesisPage},
		FanOutHour:         {0.015, "h", kinesisPage},

		KeyMonth:   {1, "month", "/kms/pricing/"},
		KeyRequest: {0.03, "10,000", "/kms/pricing/"},

		FirewallMonth:     {5, "month", "/waf/pricing/"},
		FirewallRuleMonth: {1, "month", "/waf/pricing/"},

		BalancerHour: {0.0225, "h", "/elasticloadbalancing/pricing/"},
		BalancerUnit: {0.008, "h", "/elasticloadbalancing/pricing/"},

		VolumeMonth: {0.122, "GB-month", searchPage},
		ActiveUser:  {0.015, "user-month", "/cognito/pricing/"},

		CPUHourARM:    {0.03238, "h", fargatePage},
		MemoryHourARM: {0.00356, "h", fargatePage},
		CPUHourX86:    {0.04048, "h", fargatePage},
		MemoryHourX86: {0.004445, "h", fargatePage},
		ImageMonth:    {0.10, "GB-month", "/ecr/pricing/"},

		UnitHour:    {0.11, "h", "/managed-service-apache-flink/pricing/"},
		UnitMonth:   {0.10, "GB-month", "/managed-service-apache-flink/pricing/"},
		BackupMonth: {0.023, "GB-month", "/managed-service-apache-flink/pricing/"},

		PublicAddressHour: {0.005, "h", "/vpc/pricing/"},
		EndpointHour:      {0.01, "h", "/privatelink/pricing/"},
		EndpointData:      {0.01, "GB", "/privatelink/pricing/"},
		NATHour:           {0.045, "h", "/vpc/pricing/"},
		NATData:           {0.045, "GB", "/vpc/pricing/"},
		RegionData:        {0.01, "GB", "/ec2/pricing/on-demand/"},
		InternetOut:       {0.09, "GB", "/ec2/pricing/on-demand/"},

		ObjectPut:       {0.005, "thousand", s3Page},
		ObjectMonth:     {0.023, "GB-month", s3Page},
		ObjectMonthIA:   {0.0125, "GB-month", s3Page},
		ObjectMonthGIR:  {0.004, "GB-month", s3Page},
		ObjectToIA:      {0.01, "thousand", s3Page},
		ObjectToGIR:     {0.02, "thousand", s3Page},
		FirehoseIn:      {0.029, "GB", firehosePage},
		PartitionedData: {0.02, "GB", firehosePage},
		PartitionObject: {0.005, "thousand", firehosePage},
		JQHour:          {0.07, "h", firehosePage},
		AthenaScanned:   {5, "TB", "/athena/pricing/"},

		AlarmMonth:     {0.10, "month", cloudWatchPage},
		MetricMonth:    {0.30, "month", cloudWatchPage},
		DashboardMonth: {3, "month", cloudWatchPage},
		LogIn:          {0.50, "GB", cloudWatchPage},
		LogMonth:       {0.03, "GB-month", cloudWatchPage},

		IoTMessage:     {1, "million", "/iot-core/pricing/"},
		IoTRule:        {0.15, "million", "/iot-core/pricing/"},
		IoTAction:      {0.15, "million", "/iot-core/pricing/"},
		IoTConnection:  {0.08, "million", "/iot-core/pricing/"},
		TrailEvent:     {0.10, "100,000", "/cloudtrail/pricing/"},
		PipelineMinute: {0.002, "minute", "/codepipeline/pricing/"},
		BuildMinute:    {0.01, "minute", "/codebuild/pricing/"},

		Instance("t3.small.search"):    {0.036, "h", searchPage},
		Instance("t3.medium.search"):   {0.073, "h", searchPage},
		Instance("m5.large.search"):    {0.142, "h", searchPage},
		Instance("m6g.large.search"):   {0.128, "h", searchPage},
		Instance("m6g.xlarge.search"):  {0.256, "h", searchPage},
		Instance("m6g.2xlarge.search"): {0.511, "h", searchPage},
		Instance("m7g.medium.search"):  {0.068, "h", searchPage},
		Instance("m7g.large.search"):   {0.135, "h", searchPage},
		Instance("m7g.xlarge.search"):  {0.271, "h", searchPage},
		Instance("m7g.2xlarge.search"): {0.542, "h", searchPage},
		Instance("c6g.large.search"):   {0.113, "h", searchPage},
		Instance("c6g.xlarge.search"):  {0.226, "h", searchPage},
		Instance("c7g.large.search"):   {0.12, "h", searchPage},
		Instance("r6g.large.search"):   {0.167, "h", searchPage},
		Instance("r6g.xlarge.search"):  {0.335, "h", searchPage},
		Instance("r6g.2xlarge.search"): {0.669, "h", searchPage},
		Instance("r7g.medium.search"):  {0.089, "h", searchPage},
		Instance("r7g.large.search"):   {0.178, "h", searchPage},
		Instance("r7g.xlarge.search"):  {0.356, "h", searchPage},
		Instance("or1.medium.search"):  {0.105, "h", searchPage},
		Instance("or1.large.search"):   {0.209, "h", searchPage},
	},
}

const (
	kinesisPage    = "/kinesis/data-streams/pricing/"
	searchPage     = "/opensearch-service/pricing/"
	fargatePage    = "/fargate/pricing/"
	s3Page         = "/s3/pricing/"
	firehosePage   = "/firehose/pricing/"
	cloudWatchPage = "/cloudwatch/pricing/"
)
