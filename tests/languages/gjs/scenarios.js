// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported scenarios, run */

// What a script may rely on, whichever way it imports Gco: a list of [name, async function].
// A script and a module load this file alike, by the importer that both have.

const {Gio, GLib} = imports.gi;
const System = imports.system;

function check(ok, what) {
    if (!ok)
        throw new Error(what);
}

function same(got, wanted) {
    check(`${got}` === `${wanted}`, `${got}, not ${wanted}`);
}

function failsWith(error, code) {
    if (!(error instanceof GLib.Error) || !error.matches(Gio.IOErrorEnum, code))
        throw error;
    return true;
}

function throws(func, code) {
    try {
        func();
    } catch (error) {
        return failsWith(error, code);
    }
    throw new Error('nothing was thrown');
}

async function rejects(promise, code) {
    try {
        await promise;
    } catch (error) {
        return failsWith(error, code);
    }
    throw new Error('nothing was thrown');
}

// Resolves when all that is ready has run.
function pass() {
    return new Promise(resolve => {
        GLib.idle_add(GLib.PRIORITY_LOW, () => {
            resolve();
            return GLib.SOURCE_REMOVE;
        });
    });
}

const {CANCELLED, PERMISSION_DENIED} = Gio.IOErrorEnum;

// ---------------------------------------------------------------------- the mutex

function mutexScenarios(Gco) {
    // Asks in order; each notes its name when it has it, and lets go.
    function line(mutex, names, log) {
        return names.map(name => mutex.run(() => void log.push(name)));
    }

    return [
        ['mutex: in order', async () => {
            const mutex = new Gco.AsyncMutex();
            const log = [];
            await mutex.lock();
            const all = line(mutex, ['a', 'b', 'c', 'd'], log);
            await pass();
            same(log, '');
            mutex.unlock();
            await Promise.all(all);
            same(log, 'a,b,c,d');
            check(!mutex.is_locked(), 'locked at the end');
        }],
        ['mutex: by all its names', async () => {
            const mutex = new Gco.AsyncMutex();
            for (const lock of [
                () => mutex.lock(), () => mutex.lock(null), () => mutex.lock(undefined),
                () => mutex.lock(new Gio.Cancellable()),
                () => mutex.lock_async(), () => mutex.lock_async(null),
                () => new Promise((resolve, reject) => mutex.lock_async(null, (source, result) => {
                    try {
                        check(source === mutex, 'another source');
                        resolve(source.lock_finish(result));
                    } catch (error) {
                        reject(error);
                    }
                })),
            ]) {
                same(await lock(), true); // eslint-disable-line no-await-in-loop
                check(mutex.is_locked() && !mutex.trylock(), 'not locked');
                mutex.unlock();
            }
        }],
        ['mutex: run() lets go, however it ends', async () => {
            const mutex = new Gco.AsyncMutex();
            const oops = new Error('oops');
            same(await mutex.run(() => 1), 1);
            same(await mutex.run(async () => {
                await pass();
                check(mutex.is_locked(), 'not locked');
                return 2;
            }), 2);
            for (const func of [() => {
                throw oops;
            }, () => Promise.reject(oops)]) {
                // eslint-disable-next-line no-await-in-loop
                check(await mutex.run(func).catch(e => e) === oops, 'not what was thrown');
                check(!mutex.is_locked(), 'locked');
            }
        }],
        ['mutex: run() of what is no function', async () => {
            const mutex = new Gco.AsyncMutex();
            for (const what of [undefined, null, 1, Promise.resolve()]) {
                // eslint-disable-next-line no-await-in-loop
                const error = await mutex.run(what).catch(e => e);
                check(error instanceof TypeError, `${error}`);
                check(!mutex.is_locked(), 'locked');
            }
        }],
        ['mutex: run() of what has unlocked already', async () => {
            const mutex = new Gco.AsyncMutex();
            await rejects(mutex.run(() => mutex.unlock()), PERMISSION_DENIED);
            check(!mutex.is_locked(), 'locked');
        }],
        ['mutex: misuse', () => {
            const mutex = new Gco.AsyncMutex();
            throws(() => mutex.unlock(), PERMISSION_DENIED);
            check(mutex.trylock() && !mutex.trylock(), 'trylock');
            mutex.unlock();
            throws(() => mutex.unlock(), PERMISSION_DENIED);
        }],
        ['mutex: cancelled at each place, before, with, and after the grant', async () => {
            for (let victim = 0; victim < 4; victim++) {
                for (const when of ['before', 'with', 'after']) {
                    const mutex = new Gco.AsyncMutex();
                    const cancellables = [0, 1, 2, 3].map(() => new Gio.Cancellable());
                    const log = [];
                    mutex.trylock();
                    const all = cancellables.map((c, i) => mutex.run(() => void log.push(i), c));
                    if (when === 'after')
                        mutex.unlock();
                    cancellables[victim].cancel();
                    if (when === 'before')
                        await rejects(all[victim], CANCELLED); // eslint-disable-line
                    if (when !== 'after')
                        mutex.unlock();
                    const outcomes = await Promise.allSettled(all); // eslint-disable-line
                    const hadIt = when === 'after' && victim === 0;
                    outcomes.forEach((outcome, i) => same(outcome.status,
                        i === victim && !hadIt ? 'rejected' : 'fulfilled'));
                    same(log, [0, 1, 2, 3].filter(i => i !== victim || hadIt));
                    check(!mutex.is_locked(), 'locked at the end');
                }
            }
        }],
        ['mutex: cancelled beforehand', async () => {
            const mutex = new Gco.AsyncMutex();
            const cancellable = new Gio.Cancellable();
            cancellable.cancel();
            await rejects(mutex.lock(cancellable), CANCELLED);
            let called = false;
            await rejects(mutex.run(() => (called = true), cancellable), CANCELLED);
            check(!called && !mutex.is_locked(), 'locked');
        }],
        ['mutex: a timeout is a cancellable', async () => {
            const mutex = new Gco.AsyncMutex();
            const cancellable = new Gio.Cancellable();
            await mutex.lock();
            const waits = mutex.lock(cancellable);
            GLib.timeout_add(GLib.PRIORITY_DEFAULT, 1, () => {
                cancellable.cancel();
                return GLib.SOURCE_REMOVE;
            });
            await rejects(waits, CANCELLED);
            mutex.unlock();
            check(!mutex.is_locked(), 'locked');
        }],
        ['mutex: one that only its waiters know is not collected', async () => {
            const log = [];
            let all;
            (() => {
                const mutex = new Gco.AsyncMutex();
                mutex.trylock();
                all = line(mutex, ['a', 'b'], log);
                GLib.idle_add(GLib.PRIORITY_LOW, () => {
                    System.gc();
                    mutex.unlock();
                    return GLib.SOURCE_REMOVE;
                });
            })();
            System.gc();
            await Promise.all(all);
            same(log, 'a,b');
        }],
    ];
}

// ----------------------------------------------------------------- the other locks

function lockScenarios(Gco) {
    return [
        ['semaphore: two at once, in order', async () => {
            const semaphore = new Gco.AsyncSemaphore({n_permits: 2});
            const log = [];
            let inside = 0, most = 0;
            await Promise.all([0, 1, 2, 3, 4].map(i => semaphore.run(async () => {
                most = Math.max(most, ++inside);
                log.push(i);
                await pass();
                inside--;
            })));
            same(most, 2);
            same(log, '0,1,2,3,4');
            same(semaphore.get_n_free(), 2);
            throws(() => semaphore.release(), PERMISSION_DENIED);
            same(await semaphore.acquire(), true);
            semaphore.release();
        }],
        ['rwlock: readers together, writers alone, in order', async () => {
            const rwlock = new Gco.AsyncRwlock();
            const log = [];
            let readers = 0, writers = 0;
            const read = i => rwlock.runReader(async () => {
                log.push(`r${i}`);
                readers++;
                same(writers, 0);
                await pass();
                readers--;
            });
            const write = i => rwlock.runWriter(async () => {
                log.push(`w${i}`);
                same(readers + writers++, 0);
                await pass();
                writers--;
            });
            await Promise.all([read(0), read(1), write(2), read(3), write(4), read(5)]);
            same(log, 'r0,r1,w2,r3,w4,r5');
            check(rwlock.trywrlock(), 'not free at the end');
            rwlock.unlock();
            throws(() => rwlock.unlock(), PERMISSION_DENIED);
            throws(() => rwlock.downgrade(), PERMISSION_DENIED);
        }],
        ['rwlock: up, down, and cancelled on the way', async () => {
            const rwlock = new Gco.AsyncRwlock();
            await rwlock.rdlock();
            await rwlock.upgrade();
            check(!rwlock.tryrdlock(), 'not alone');
            rwlock.downgrade();
            check(rwlock.tryrdlock(), 'no other reader');
            const cancellable = new Gio.Cancellable();
            const upgrading = rwlock.upgrade(cancellable);
            cancellable.cancel();
            await rejects(upgrading, CANCELLED);
            rwlock.unlock();
            check(!rwlock.trywrlock(), 'it is a reader no longer');
            rwlock.unlock();
            await rejects(rwlock.upgrade(), PERMISSION_DENIED);
            await rwlock.wrlock();
            rwlock.unlock();
        }],
        ['queue: next() and restart_all(), with the mutex', async () => {
            const mutex = new Gco.AsyncMutex();
            const queue = new Gco.AsyncWaitQueue();
            const log = [];
            const waits = ['a', 'b', 'c'].map(name => mutex.run(async () => {
                await queue.wait(mutex);
                check(mutex.is_locked(), 'the mutex is not held');
                log.push(name);
            }));
            await pass();
            check(!queue.is_empty() && !mutex.is_locked(), 'they do not wait');
            check(queue.next(), 'nobody was picked');
            await waits[0];
            same(log, 'a');
            queue.restart_all();
            await Promise.all(waits);
            same(log, 'a,b,c');
            check(!queue.next() && !mutex.is_locked(), 'somebody is left');
        }],
        ['queue: without a mutex', async () => {
            const queue = new Gco.AsyncWaitQueue();
            const waits = [queue.wait(), queue.wait_async(), queue.wait(null, null),
                queue.wait(undefined, undefined)];
            queue.restart_all();
            same(await Promise.all(waits), 'true,true,true,true');
        }],
        ['queue: cancelled, it holds the mutex', async () => {
            const mutex = new Gco.AsyncMutex();
            const queue = new Gco.AsyncWaitQueue();
            const cancellable = new Gio.Cancellable();
            await mutex.lock();
            const waits = queue.wait(mutex, cancellable);
            check(!mutex.is_locked(), 'it does not wait');
            cancellable.cancel();
            await rejects(waits, CANCELLED);
            check(mutex.is_locked() && queue.is_empty(), 'it does not hold the mutex');
            mutex.unlock();
            await rejects(queue.wait(mutex), PERMISSION_DENIED);
        }],
    ];
}

// -------------------------------------------------------------------- the context

function contextScenarios(Gco) {
    return [
        ['context: one-shots in order, one throws', async () => {
            const ctx = Gco.AioContext.get_default();
            const log = [];
            GLib.test_expect_message('Gjs', GLib.LogLevelFlags.LEVEL_CRITICAL, '*oops*');
            for (let i = 0; i < 3; i++) {
                ctx.schedule_oneshot(() => {
                    log.push(i);
                    if (i === 1)
                        throw new Error('oops');
                });
            }
            same(log, '');
            // the complaint may take so long that others have their turn before the third
            while (log.length < 3)
                await pass(); // eslint-disable-line no-await-in-loop
            same(log, '0,1,2');
            GLib.test_assert_expected_messages_internal('Gjs', 'scenarios.js', 0, 'context');
        }],
        ['context: polled', () => {
            const ctx = new Gco.AioContext();
            let n = 0;
            check(!ctx.poll(false), 'something ran');
            ctx.schedule_oneshot(() => n++);
            check(ctx.poll(true), 'nothing ran');
            same(n, 1);
            ctx.notify();
            ctx.poll(true);
        }],
        ['context: attached; its wrapper is collected', async () => {
            let done = false;
            const id = (() => {
                const ctx = new Gco.AioContext();
                ctx.schedule_oneshot(() => (done = true));
                return ctx.attach(null);
            })();
            System.gc();
            await pass();
            check(done, 'it did not run');
            check(GLib.Source.remove(id), 'no source');
        }],
        ['context: a source of its own', async () => {
            const ctx = new Gco.AioContext();
            const source = ctx.dup_source();
            const mainContext = new GLib.MainContext();
            let n = 0;
            source.attach(mainContext);
            ctx.schedule_oneshot(() => n++);
            await pass();
            same(n, 0);
            mainContext.iteration(false);
            same(n, 1);
            source.destroy();
        }],
    ];
}

// ---------------------------------------------------------------------------- all

var scenarios = Gco => [
    ...mutexScenarios(Gco), ...lockScenarios(Gco), ...contextScenarios(Gco),
];

function run(Gco) {
    const loop = new GLib.MainLoop(null, false);
    const all = scenarios(Gco);
    let nFailed = 0;
    print(`1..${all.length}`);
    (async () => {
        for (const [i, [name, scenario]] of all.entries()) {
            try {
                await scenario(); // eslint-disable-line no-await-in-loop
                print(`ok ${i + 1} - ${name}`);
            } catch (error) {
                nFailed++;
                print(`not ok ${i + 1} - ${name}\n# ${error}`);
                printerr(error.stack);
            }
        }
    })().finally(() => loop.quit());
    loop.run();
    System.exit(nFailed > 0 ? 1 : 0);
}
