package main

import (
	"strconv"

	"taxistream/engine"
)

// generator makes event i of a stream, the same each time, from i and the seed alone. Of every 50 events the first is
// a person, the next three are auctions, the others bids. Half of the bids go to one auction of the newest hundred, and most
// auctions and bids come from one person of the newest hundred; the rest is spread over those that are active.
type generator struct {
	seed  uint64
	begin int64 // event time of the first event, ms
	rate  int64 // events a second of event time
}

// The proportions, and the numbers of the first of each kind.
const (
	period, persons, auctions = 50, 1, 3
	firstPerson, firstAuction = 1000, 1000
	firstCategory, categories = 10, 5
	activePersons             = 1000 // who may sell and bid
	openAuctions              = 100  // that may be bid for
	hotEvery                  = 100  // of so many, one is popular
)

var (
	firstNames = []string{"Ada", "Ben", "Cleo", "Dov", "Eva", "Finn", "Gwen", "Hugo", "Ines", "Joel"}
	lastNames  = []string{"Abel", "Brook", "Cole", "Drew", "Ellis", "Frost", "Gray", "Hale"}
	places     = [][2]string{
		{"Phoenix", "AZ"},
		{"Palo Alto", "CA"},
		{"San Diego", "CA"},
		{"Boise", "ID"},
		{"Bend", "OR"},
		{"Portland", "OR"},
		{"Seattle", "WA"},
		{"Cheyenne", "WY"},
	}
	channels = []string{"apple", "google", "facebook", "baidu", "channel-5", "channel-6"}
)

// dice are the random numbers of one event (Steele, Lea and Flood's splitmix64).
type dice uint64

func (d *dice) roll(n int64) int64 {
	*d += 0x9e3779b97f4a7c15
	z := uint64(*d)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return int64(((z ^ z>>31) >> 1) % uint64(n))
}

// at is event i.
func (g generator) at(i int64) engine.Element[event] {
	d := dice(g.seed ^ uint64(i)*0xd1342543de82ef95)
	now := g.begin + i*1000/g.rate
	turn, place := i/period, i%period
	newest := firstPerson + turn // the newest person
	e := engine.Element[event]{EventTime: now}
	switch {
	case place < persons:
		e.Value = event{kind: isPerson, person: newPerson(&d, newest)}
	case place < persons+auctions:
		e.Value = event{kind: isAuction, auction: g.newAuction(&d, firstAuction+turn*auctions+place-persons, newest, now)}
	default:
		e.Value = event{kind: isBid, bid: newBid(&d, firstAuction+turn*auctions+auctions-1, newest, now)}
	}
	return e
}

func newPerson(d *dice, id int64) *person {
	first, last := firstNames[d.roll(int64(len(firstNames)))], lastNames[d.roll(int64(len(lastNames)))]
	home := places[d.roll(int64(len(places)))]
	return &person{
		id: id, name: first + " " + last, email: first + "@" + last + ".example",
		creditCard: strconv.FormatInt(1e15+d.roll(9e15), 10), city: home[0], state: home[1],
	}
}

func (g generator) newAuction(d *dice, id, newest, now int64) *auction {
	// As long, at the mean, as it takes until so many more are open.
	length := 1 + d.roll(2*max(1, openAuctions*period*1000/auctions/g.rate))
	a := &auction{
		id: id, item: "item " + strconv.FormatInt(id%1000, 10), description: "as good as new",
		initialBid: price(d), expires: now + length, category: firstCategory + d.roll(categories),
	}
	a.reserve = a.initialBid + price(d)
	a.seller = someone(d, newest, 3)
	return a
}

// channelURLs are the pages of the channels.
var channelURLs = func() (urls []string) {
	for _, c := range channels {
		urls = append(urls, "https://www.nexmark.example/"+c+"/item.htm?query=1")
	}
	return urls
}()

func newBid(d *dice, newestAuction, newest, now int64) bid {
	b := bid{price: price(d), bidder: someone(d, newest, 3), at: now}
	if d.roll(2) == 0 {
		b.auction = max(firstAuction, newestAuction/hotEvery*hotEvery)
	} else {
		b.auction = newestAuction - d.roll(min(openAuctions, newestAuction-firstAuction+1))
	}
	c := d.roll(int64(len(channels)))
	b.channel, b.url = channels[c], channelURLs[c]
	return b
}

// someone is a person up to the newest: in hot of hot+1 cases the popular one.
func someone(d *dice, newest, hot int64) int64 {
	if d.roll(hot+1) > 0 {
		return newest / hotEvery * hotEvery
	}
	return newest - d.roll(min(activePersons, newest-firstPerson+1))
}

// price is between a dollar and a million, each number of digits as frequent as the others.
func price(d *dice) int64 {
	p := 100 + d.roll(900)
	for range d.roll(5) {
		p = 10*p + d.roll(10)
	}
	return p
}
