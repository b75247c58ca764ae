// SPDX-License-Identifier: LGPL-2.1-or-later

// Where two things happen at once, by both ways to import Gco: ARGV is 'module' or 'script'
// and perhaps the seed of the random cancels.

const {Gio, GLib, GObject} = imports.gi;
const System = imports.system;
const {CANCELLED, PERMISSION_DENIED} = Gio.IOErrorEnum;

let Gco;

function check(ok, what) {
    if (!ok)
        throw new Error(what);
}

function same(got, wanted) {
    check(`${got}` === `${wanted}`, `${got}, not ${wanted}`);
}

async function rejects(promise, code) {
    const error = await promise.then(() => new Error('it did not reject'), e => e);
    if (!(error instanceof GLib.Error) || !error.matches(Gio.IOErrorEnum, code))
        throw error;
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

function note(promise, log, name) {
    return promise.then(() => log.push(name), () => log.push(`${name} gave up`));
}

// The generator of numerical recipes: a seed tells the whole run.
function generator(seed) {
    return n => {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        return Math.floor(seed / 0x100000000 * n);
    };
}

async function round(mutex, random) {
    let inside = 0;
    const log = [];
    const cancellables = [];
    const all = [];
    const n = 1 + random(5);
    for (let i = 0; i < n; i++) {
        cancellables.push(new Gio.Cancellable());
        all.push(mutex.run(async () => {
            same(++inside, 1);
            log.push(i);
            if (random(2))
                await pass();
            inside--;
        }, cancellables[i]).catch(error => {
            if (!(error instanceof GLib.Error))
                throw error;
            check(error.matches(Gio.IOErrorEnum, CANCELLED), `${error}`);
        }));
    }
    for (let left = random(4); left > 0; left--) {
        if (random(2))
            await pass(); // eslint-disable-line no-await-in-loop
        cancellables[random(cancellables.length)].cancel();
    }
    await Promise.all(all);
    same(log, [...log].sort());
    check(!mutex.is_locked(), 'locked after a round');
}

const lockScenarios = [
    ['run: what the function threw is told, although it had unlocked', async () => {
        const oops = new Error('oops');
        const mutex = new Gco.AsyncMutex();
        const semaphore = new Gco.AsyncSemaphore({n_permits: 1});
        const rwlock = new Gco.AsyncRwlock();
        for (const run of [
            () => mutex.run(() => {
                mutex.unlock();
                throw oops;
            }),
            () => semaphore.run(() => {
                semaphore.release();
                throw oops;
            }),
            () => rwlock.runReader(async () => {
                rwlock.unlock();
                await pass();
                throw oops;
            }),
        ])
            same(await run().catch(e => e), oops); // eslint-disable-line no-await-in-loop
        await rejects(rwlock.runWriter(() => rwlock.unlock()), PERMISSION_DENIED);
    }],
    ['mutex: granted, then cancelled: it is had', async () => {
        const mutex = new Gco.AsyncMutex();
        const cancellable = new Gio.Cancellable();
        await mutex.lock();
        const waits = mutex.lock(cancellable);
        mutex.unlock();
        cancellable.cancel();
        same(await waits, true);
        check(mutex.is_locked(), 'not locked');
        mutex.unlock();
        check(!mutex.is_locked(), 'locked');
    }],
    ['mutex: who loses a race waits on, unless cancelled', async () => {
        const mutex = new Gco.AsyncMutex();
        await mutex.lock();
        const left = mutex.lock();
        same(await Promise.race([left, pass().then(() => 'late')]), 'late');
        mutex.unlock();
        await pass();
        check(mutex.is_locked(), 'the loser did not get it');

        const cancellable = new Gio.Cancellable();
        const cancelled = mutex.lock(cancellable);
        same(await Promise.race([cancelled, pass().then(() => 'late')]), 'late');
        cancellable.cancel();
        await rejects(cancelled, CANCELLED);
        mutex.unlock();
        check(!mutex.is_locked(), 'the loser got it');
    }],
    ['mutex: random cancels, 2,000 rounds', async () => {
        const seed = Number(ARGV[1] ?? GLib.random_int());
        print(`# seed ${seed}`);
        const random = generator(seed);
        const mutex = new Gco.AsyncMutex();
        for (let i = 0; i < 2000; i++)
            await round(mutex, random); // eslint-disable-line no-await-in-loop
    }],
];

const waitScenarios = [
    ['rwlock: two readers upgrade, one after the other', async () => {
        const rwlock = new Gco.AsyncRwlock();
        const log = [];
        await rwlock.rdlock();
        await rwlock.rdlock();
        const all = [note(rwlock.upgrade(), log, 'a'), note(rwlock.upgrade(), log, 'b')];
        await pass();
        same(log, 'a');
        rwlock.unlock();
        await Promise.all(all);
        same(log, 'a,b');
        check(!rwlock.tryrdlock(), 'the second is no writer');
        rwlock.unlock();
        check(rwlock.trywrlock(), 'not free at the end');
    }],
    ['rwlock: an upgrade cancelled behind a writer reads again after it', async () => {
        const rwlock = new Gco.AsyncRwlock();
        const cancellable = new Gio.Cancellable();
        const log = [];
        await rwlock.rdlock();
        const writes = note(rwlock.wrlock(), log, 'w');
        const upgrades = note(rwlock.upgrade(cancellable), log, 'u');
        cancellable.cancel();
        await pass();
        same(log, 'w');
        rwlock.unlock();
        await Promise.all([writes, upgrades]);
        same(log, 'w,u gave up');
        check(rwlock.tryrdlock() && !rwlock.trywrlock(), 'it does not read');
        rwlock.unlock();
        rwlock.unlock();
        check(rwlock.trywrlock(), 'not free at the end');
    }],
    ['rwlock: downgrade lets in who reads before the next writer', async () => {
        const rwlock = new Gco.AsyncRwlock();
        const log = [];
        await rwlock.wrlock();
        const all = [note(rwlock.rdlock(), log, 'r'), note(rwlock.wrlock(), log, 'w'),
            note(rwlock.rdlock(), log, 'late')];
        rwlock.downgrade();
        await pass();
        same(log, 'r');
        rwlock.unlock();
        rwlock.unlock();
        await all[1];
        same(log, 'r,w');
        rwlock.unlock();
        await all[2];
        same(log, 'r,w,late');
    }],
    ['queue: cancelled, it first waits for the mutex', async () => {
        const mutex = new Gco.AsyncMutex();
        const queue = new Gco.AsyncWaitQueue();
        const cancellable = new Gio.Cancellable();
        const log = [];
        await mutex.lock();
        const waits = note(queue.wait(mutex, cancellable), log, 'wait');
        await mutex.lock();
        cancellable.cancel();
        await pass();
        same(log, '');
        mutex.unlock();
        await waits;
        same(log, 'wait gave up');
        check(mutex.is_locked(), 'it does not hold the mutex');
        mutex.unlock();
        check(!mutex.is_locked(), 'locked');
    }],
    ['queue: who was cancelled takes no wake-up', async () => {
        const queue = new Gco.AsyncWaitQueue();
        const cancellable = new Gio.Cancellable();
        const first = queue.wait(null, cancellable);
        const second = queue.wait();
        cancellable.cancel();
        check(queue.next(), 'nobody was picked');
        await rejects(first, CANCELLED);
        same(await second, true);
    }],
    ['queue: picked, then cancelled: it was picked', async () => {
        const queue = new Gco.AsyncWaitQueue();
        const cancellable = new Gio.Cancellable();
        const waits = queue.wait(null, cancellable);
        check(queue.next(), 'nobody was picked');
        cancellable.cancel();
        same(await waits, true);
    }],
];

const otherScenarios = [
    ['a class that cannot be extended says so, and does not end the program', () => {
        const names = Object.keys(Gco).filter(
            name => Gco[name]?.prototype instanceof GObject.Object);
        for (const name of ['AsyncMutex', 'AsyncWaitQueue', 'AioContext', ...names]) {
            let message = '';
            try {
                GObject.registerClass(class Derived extends Gco[name] {});
            } catch (error) {
                message = error.message;
            }
            check(message.includes(`Gco.${name}, which is final`), `${name}: ${message}`);
        }
    }],
];

async function main() {
    Gco = ARGV[0] === 'module'
        ? (await import('gi://Gco?version=1')).default : imports.gi.Gco;
    const all = [...lockScenarios, ...waitScenarios, ...otherScenarios];
    let nFailed = 0;
    print(`1..${all.length}`);
    for (const [i, [name, scenario]] of all.entries()) {
        try {
            await scenario(); // eslint-disable-line no-await-in-loop
            print(`ok ${i + 1} - ${name}`);
        } catch (error) {
            nFailed++;
            print(`not ok ${i + 1} - ${name}\n# ${error}`);
        }
    }
    return nFailed;
}

imports.gi.versions.Gco = '1';
const loop = new GLib.MainLoop(null, false);
let status = 1;
main().then(nFailed => (status = nFailed > 0 ? 1 : 0), logError).finally(() => loop.quit());
loop.run();
System.exit(status);
