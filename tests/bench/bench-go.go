// SPDX-License-Identifier: LGPL-2.1-or-later

// The Go side of the benchmarks; bench.h tells how it is called, and what it prints.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Processor time of the process, for what one processor does.
func cpu() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

var epoch = time.Now()

func wall() float64 {
	return float64(time.Since(epoch).Nanoseconds())
}

// Either body does n operations, with size of something, or report prints values.
type measure struct {
	body       func(n, size int)
	processors int
	clock      func() float64
	report     func(size int, ms float64)
}

var measures = map[string]measure{
	"ring":          {ring, 1, cpu, nil},
	"create":        {create, 1, cpu, nil},
	"pair":          {pair, 1, cpu, nil},
	"handoff":       {handoff, 1, cpu, nil},
	"threads":       {handoff, 2, wall, nil},
	"rwlock_mostly": {readMostly, 1, cpu, nil},
	"rwlock_turns":  {readTurns, 1, cpu, nil},
	"condition":     {condition, 1, cpu, nil},
	"channel":       {messages, 1, cpu, nil},
	"stream":        {messages, 2, wall, nil},
	"round_trip":    {roundTrip, 2, wall, nil},
	"timers":        {nil, 1, nil, timers},
	"late":          {nil, 1, nil, late},
	"parked":        {nil, 1, nil, parked},
}

func value(name string, value float64) {
	fmt.Printf("%s %.3f\n", name, value)
}

// More and more operations, until they take about ms.
func run(what measure, size int, ms float64) {
	unit := 100
	if size > unit {
		unit = size
	}
	what.body(unit, size)
	for n := unit; ; {
		start := what.clock()
		what.body(n, size)
		ns := what.clock() - start
		if ns >= ms*1e6/2 {
			value("ns", ns/float64(n))
			return
		}
		more := ms * 1e6 / (ns + 1)
		if more > 10 {
			more = 10
		}
		n = (int(more*float64(n)/float64(unit)) + 1) * unit
	}
}

// A line of a file of /proc, in bytes.
func kib(key string) float64 {
	text, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(text), "\n") {
		if words := strings.Fields(line); len(words) > 1 && words[0] == key {
			n, _ := strconv.Atoi(words[1])
			return float64(n) * 1024
		}
	}
	return 0
}

func parked(size int, ms float64) {
	rss, pte, ns := kib("VmRSS:"), kib("VmPTE:"), cpu()
	stop := make(chan bool)
	for i := 0; i < size; i++ {
		go func() { <-stop }()
	}
	runtime.Gosched()
	n := float64(size)
	value("ns", (cpu()-ns)/n)
	rss, pte = kib("VmRSS:")-rss, kib("VmPTE:")-pte
	value("rss", rss/n)
	value("pte", pte/n)
	value("bytes", (rss+pte)/n)
	close(stop)
}

func timers(size int, ms float64) {
	all := make([]*time.Timer, size)
	fired := 0
	random := uint32(1)
	n := float64(size)

	start := cpu()
	for i := range all {
		random = random*1664525 + 1013904223
		all[i] = time.AfterFunc(time.Hour+time.Duration(random), func() {})
	}
	value("insert", (cpu()-start)/n)
	start = cpu()
	for i := 1; i <= 100; i++ {
		time.AfterFunc(0, func() { fired++ })
		for fired < i {
			runtime.Gosched()
		}
	}
	value("more", (cpu()-start)/100)
	fired = 0
	start = cpu()
	for i := range all {
		all[i].Stop()
	}
	value("cancel", (cpu()-start)/n)

	for i := range all {
		random = random*1664525 + 1013904223
		ahead := 150*time.Millisecond + time.Duration(random%50000000)
		all[i] = time.AfterFunc(ahead, func() { fired++ })
	}
	start = cpu()
	for fired < size {
		time.Sleep(time.Millisecond)
	}
	value("fire", (cpu()-start)/n)
}

func late(size int, ms float64) {
	lateness := make([]float64, int(ms)+10)
	for i := range lateness {
		began := wall()
		time.Sleep(time.Millisecond)
		lateness[i] = wall() - began - 1e6
	}
	sort.Float64s(lateness)
	value("p50", lateness[len(lateness)/2])
	value("p99", lateness[len(lateness)*99/100])
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("Go", strings.TrimPrefix(runtime.Version(), "go"))
		return
	}
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: bench-go MEASURE[/SIZE] MS")
		os.Exit(2)
	}
	words := strings.Split(os.Args[1]+"/1", "/")
	what, known := measures[words[0]]
	size, err := strconv.Atoi(words[1])
	ms, err2 := strconv.ParseFloat(os.Args[2], 64)
	if !known || err != nil || err2 != nil {
		fmt.Fprintln(os.Stderr, "bench-go: unknown:", os.Args[1:])
		os.Exit(2)
	}
	runtime.GOMAXPROCS(what.processors)
	if what.report != nil {
		what.report(size, ms)
	} else {
		run(what, size, ms)
	}
}
