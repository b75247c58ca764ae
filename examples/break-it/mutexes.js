// SPDX-License-Identifier: LGPL-2.1-or-later
// Mutexes as people write them, in good faith. Each keeps all others out; what else is
// wrong stands above each.

import Gio from 'gi://Gio';
import GLib from 'gi://GLib';
import GObject from 'gi://GObject';

/** Wrong: push() and pop() make a stack, so whoever asked first is served last. */
export class StackMutex {
    constructor() {
        this._locked = false;
        this._waiting = [];
    }

    async lock() {
        while (this._locked)
            await new Promise(resolve => this._waiting.push(resolve));
        this._locked = true;
    }

    unlock() {
        this._locked = false;
        this._waiting.pop()?.();
    }

    is_locked() {
        return this._locked;
    }
}

/** Wrong: who was woken and finds itself cancelled throws, and wakes nobody instead. */
export class WakeMutex {
    constructor() {
        this._locked = false;
        this._waiting = [];
    }

    async lock(cancellable) {
        while (this._locked) {
            await this._wake(cancellable);
            cancellable.set_error_if_cancelled();
        }
        this._locked = true;
    }

    _wake(cancellable) {
        return new Promise(resolve => {
            this._waiting.push(resolve);
            cancellable.connect(() => {
                this._waiting = this._waiting.filter(other => other !== resolve);
                resolve();
            });
        });
    }

    unlock() {
        this._locked = false;
        this._waiting.shift()?.();
    }

    is_locked() {
        return this._locked;
    }
}

/** Wrong: a GTask looks at its cancellable once more when it is finished, and reports
 * CANCELLED to the one who was given the mutex. */
export const TaskMutex = GObject.registerClass(
class TaskMutex extends GObject.Object {
    _init() {
        super._init();
        this._locked = false;
        this._waiting = [];
    }

    lock_async(cancellable, callback) {
        const task = Gio.Task.new(this, cancellable, callback);
        if (!this._locked) {
            this._locked = true;
            task.return_boolean(true);
            return;
        }
        this._waiting.push(task);
        cancellable.connect(() => {
            if (!this._waiting.includes(task))
                return;
            this._waiting = this._waiting.filter(other => other !== task);
            task.return_error_if_cancelled();
        });
    }

    lock_finish(task) {
        return task.propagate_boolean();
    }

    unlock() {
        const task = this._waiting.shift();
        this._locked = task !== undefined;
        if (!task)
            return;
        // not from here, the caller may have more to do
        GLib.idle_add(GLib.PRIORITY_DEFAULT_IDLE, () => {
            task.return_boolean(true);
            return GLib.SOURCE_REMOVE;
        });
    }

    is_locked() {
        return this._locked;
    }
});
Gio._promisify(TaskMutex.prototype, 'lock_async', 'lock_finish');
TaskMutex.prototype.lock = TaskMutex.prototype.lock_async;

/** Wrong: one body that throws rejects the chain, and with it all bodies that follow. */
export class ChainMutex {
    constructor() {
        this._last = Promise.resolve();
        this._running = false;
    }

    run(body) {
        this._last = this._last.then(async () => {
            this._running = true;
            try {
                return await body();
            } finally {
                this._running = false;
            }
        });
        return this._last;
    }

    is_locked() {
        return this._running;
    }
}
