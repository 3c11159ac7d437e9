package generate_test

// Facts of real trips, for where the trips themselves are missing. Source: NYC
// Taxi and Limousine Commission, yellow trip records. TestFactsMatchSamples derives
// them again.

// hours2018 is the share of the dropoffs in 10,000 by New York hour, Monday to
// Friday together, Friday, Saturday, Sunday: samples of 10,000 of each month 2018-01 to 2020-02.
var hours2018 = [4][24]int{
	{254, 141, 89, 59, 55, 87, 215, 394, 504, 507, 485, 477, 516, 502, 542, 558, 511, 556, 676, 677, 604, 588, 554, 449},
	{347, 207, 137, 84, 71, 88, 206, 375, 465, 483, 466, 463, 505, 509, 528, 543, 493, 533, 668, 672, 559, 531, 552, 515},
	{524, 415, 318, 241, 156, 70, 108, 161, 227, 350, 429, 464, 526, 551, 521, 549, 528, 555, 611, 615, 508, 493, 537, 542},
	{587, 524, 377, 271, 206, 86, 101, 153, 222, 330, 436, 537, 560, 577, 575, 567, 565, 562, 609, 543, 460, 443, 407, 302},
}

// hours2015 counts the 9,999 dropoffs of the sample of Thursday 2015-01-15.
var hours2015 = [24]int{297, 189, 103, 74, 42, 92, 251, 427, 553, 542, 476, 458, 495, 442, 480, 502, 398, 449, 595, 678, 662, 653, 609, 532}

// boxes2015 counts dropoffs of that sample in the boxes of JFK and LaGuardia.
var boxes2015 = [2]int{90, 142}
