// SPDX-License-Identifier: LGPL-2.1-or-later

// The Go side of the benchmarks: bench-go WHAT N does N operations of a kind and
// prints the ns that they took.
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
)

func cpu() float64 {
	var usage syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &usage)
	return float64(usage.Utime.Nano() + usage.Stime.Nano())
}

var epoch = time.Now()

func wall() float64 {
	return float64(time.Since(epoch).Nanoseconds())
}

//go:noinline
func ring3() { runtime.Gosched() }

//go:noinline
func ring2() { ring3() }

//go:noinline
func ring1() { ring2() }

func together(goroutines int, body func()) {
	var group sync.WaitGroup
	group.Add(goroutines)
	for i := 0; i < goroutines; i++ {
		go func() {
			body()
			group.Done()
		}()
	}
	group.Wait()
}

func ring(n int) {
	together(100, func() {
		for i := 0; i < n/100; i++ {
			ring1()
		}
	})
}

func create(n int) {
	for i := 0; i < n/100; i++ {
		together(100, func() {})
	}
}

func pair(n int) {
	var mutex sync.Mutex
	for i := 0; i < n; i++ {
		mutex.Lock()
		mutex.Unlock()
	}
}

func handoff(goroutines int) func(int) {
	return func(n int) {
		var mutex sync.Mutex
		count := 0
		together(goroutines, func() {
			for i := 0; i < n/goroutines; i++ {
				mutex.Lock()
				count++
				runtime.Gosched()
				mutex.Unlock()
			}
		})
		if count != n {
			panic("the mutex does not exclude")
		}
	}
}

func messages(capacity int) func(int) {
	return func(n int) {
		channel := make(chan int, capacity)
		go func() {
			for i := 0; i < n; i++ {
				channel <- i
			}
		}()
		for i := 0; i < n; i++ {
			if <-channel != i {
				panic("the channel is out of order")
			}
		}
	}
}

func roundTrip(n int) {
	there := make(chan bool)
	back := make(chan bool)
	go func() {
		runtime.LockOSThread()
		for range there {
			back <- true
		}
	}()
	runtime.LockOSThread()
	for i := 0; i < n; i++ {
		there <- true
		<-back
	}
	close(there)
}

type measure struct {
	body       func(int)
	processors int
	clock      func() float64
}

var measures = map[string]measure{
	"ring":        {ring, 1, cpu},
	"create":      {create, 1, cpu},
	"pair":        {pair, 1, cpu},
	"handoff-2":   {handoff(2), 1, cpu},
	"handoff-100": {handoff(100), 1, cpu},
	"threads-2":   {handoff(2), 2, wall},
	"threads-100": {handoff(100), 2, wall},
	"channel-0":   {messages(0), 1, cpu},
	"channel-1":   {messages(1), 1, cpu},
	"channel-100": {messages(100), 1, cpu},
	"round-trip":  {roundTrip, 2, wall},
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: bench-go WHAT N")
		os.Exit(2)
	}
	what, known := measures[os.Args[1]]
	n, err := strconv.Atoi(os.Args[2])
	if !known || err != nil {
		fmt.Fprintln(os.Stderr, "bench-go: unknown:", os.Args[1:])
		os.Exit(2)
	}
	runtime.GOMAXPROCS(what.processors)
	what.body(n/1000*100 + 100)
	start := what.clock()
	what.body(n)
	fmt.Println(what.clock() - start)
}
