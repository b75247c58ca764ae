// SPDX-License-Identifier: LGPL-2.1-or-later

package main

import (
	"runtime"
	"sync"
)

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

func ring(n, size int) {
	together(size, func() {
		for i := 0; i < n/size; i++ {
			ring1()
		}
	})
}

func create(n, size int) {
	for i := 0; i < n/size; i++ {
		together(size, runtime.Gosched)
	}
}

func pair(n, size int) {
	var mutex sync.Mutex
	for i := 0; i < n; i++ {
		mutex.Lock()
		mutex.Unlock()
	}
}

func handoff(n, size int) {
	var mutex sync.Mutex
	count := 0
	together(size, func() {
		for i := 0; i < n/size; i++ {
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

func readMostly(n, size int) {
	var rwlock sync.RWMutex
	for i := 0; i < n; i++ {
		if i%100 == 99 {
			rwlock.Lock()
			rwlock.Unlock()
		} else {
			rwlock.RLock()
			rwlock.RUnlock()
		}
	}
}

func readTurns(n, size int) {
	var rwlock sync.RWMutex
	together(size, func() {
		for i := 0; i < n/size; i++ {
			if i%100 == 99 {
				rwlock.Lock()
				runtime.Gosched()
				rwlock.Unlock()
			} else {
				rwlock.RLock()
				runtime.Gosched()
				rwlock.RUnlock()
			}
		}
	})
}

// Waits of size goroutines that are woken together, and wait again.
func condition(n, size int) {
	var mutex sync.Mutex
	woken := sync.NewCond(&mutex)
	waits, stop := 0, false
	broadcast := func(after int, last bool) {
		mutex.Lock()
		for waits < after {
			mutex.Unlock()
			runtime.Gosched()
			mutex.Lock()
		}
		stop = last
		woken.Broadcast()
		mutex.Unlock()
	}
	finished := make(chan bool)
	go func() {
		together(size, func() {
			mutex.Lock()
			for !stop {
				waits++
				woken.Wait()
			}
			mutex.Unlock()
		})
		finished <- true
	}()
	for i := 1; i <= n/size; i++ {
		broadcast(i*size, false)
	}
	broadcast((n/size+1)*size, true)
	<-finished
}

// Through a channel with room for size.
func messages(n, size int) {
	channel := make(chan int, size)
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

// There and back between two threads.
func roundTrip(n, size int) {
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
