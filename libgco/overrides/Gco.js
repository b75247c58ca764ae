// SPDX-License-Identifier: LGPL-2.1-or-later
/* exported _init */

// What introspection cannot say of libgco in JavaScript: await, and locks that are let go
// of however the code that holds them ends. GJS finds this file by its name, for
// imports.gi.Gco and for 'gi://Gco' alike.

const {Gio} = imports.gi;

// GJS knows a pair by its names; what may be left out, and what comes before it, it does not.
function promisify(Class, method, nArguments = 0) {
    const prototype = Class.prototype;
    const name = `${method}_async`;
    Gio._promisify(prototype, name, `${method}_finish`);
    const call = prototype[name];
    prototype[name] = function (...args) {
        // with a callback, it is as in C
        if (args.some(arg => typeof arg === 'function'))
            return call.apply(this, args);
        // what a caller left out, and passed on, is undefined: no type of C takes that
        const known = args.slice(0, nArguments + 1).map(arg => arg ?? null);
        while (known.length <= nArguments)
            known.push(null);
        return call.apply(this, known);
    };
    prototype[method] = function (...args) {
        return this[name](...args);
    };
}

// A method that holds the lock during a call of func, sync or async: it resolves to what
// func gives, or rejects with what it throws. A func that lets go itself is a mistake that
// rejects too, unless others have the lock by then: it lets go of theirs. If it threw, that
// is what is told; the other error would hide the cause.
function addRun(Class, name, take, letGo) {
    Class.prototype[name] = async function (func, cancellable = null) {
        if (typeof func !== 'function')
            throw new TypeError(`${name}() needs a function, not ${func}`);
        await this[take](cancellable);
        let result;
        try {
            result = await func();
        } catch (error) {
            try {
                this[letGo]();
            } catch {
                // told by error already
            }
            throw error;
        }
        this[letGo]();
        return result;
    };
}

// GObject would refuse to register it with a warning, and GJS end the program.
function makeFinal(Class, name) {
    Class._classInit = function (derived) {
        throw new TypeError(`${derived.name} cannot extend Gco.${name}, which is final: ` +
            'let it have one');
    };
}

const FINAL = ['AioContext', 'AsyncMutex', 'AsyncRwlock', 'AsyncSemaphore', 'AsyncWaitQueue',
    'Clock', 'Scope'];

function _init() {
    const Gco = this;

    for (const name of FINAL)
        makeFinal(Gco[name], name);

    // lock(cancellable = null): await it; then unlock(). If the promise is dropped the
    // mutex is locked all the same: give up with the cancellable, or use run().
    promisify(Gco.AsyncMutex, 'lock');
    // run(func, cancellable = null)
    addRun(Gco.AsyncMutex, 'run', 'lock', 'unlock');

    // acquire(cancellable = null), and then release(); run(func, cancellable = null)
    promisify(Gco.AsyncSemaphore, 'acquire');
    addRun(Gco.AsyncSemaphore, 'run', 'acquire', 'release');

    // rdlock(), wrlock(), upgrade(), each with a cancellable or none, and then unlock();
    // who cancels upgrade() is a reader when it rejects.
    promisify(Gco.AsyncRwlock, 'rdlock');
    promisify(Gco.AsyncRwlock, 'wrlock');
    promisify(Gco.AsyncRwlock, 'upgrade');
    // runReader(func, cancellable = null) together with others, runWriter() alone
    addRun(Gco.AsyncRwlock, 'runReader', 'rdlock', 'unlock');
    addRun(Gco.AsyncRwlock, 'runWriter', 'wrlock', 'unlock');

    // wait(mutex = null, cancellable = null): unlocks the mutex meanwhile, and holds it
    // again when it resolves, or rejects because it was cancelled
    promisify(Gco.AsyncWaitQueue, 'wait', 1);

    // join(cancellable = null), of a scope that C code made
    promisify(Gco.Scope, 'join');
}
