/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Vala has instead of coroutines: async methods, which callbacks resume. Each
 * public function is a measure, in the table of bench-vala.c. */

[CCode (cname = "bench_cpu_ns", cheader_filename = "bench.h")]
extern double cpu_ns ();

int left;
uint count;
double start;
double end;

double run (uint n, MainContext context) {
  while (left > 0)
    context.iteration (true);
  context.pop_thread_default ();
  return count == n ? end - start : -1;
}

MainContext begin (int n_methods) {
  var context = new MainContext ();
  context.push_thread_default ();
  left = n_methods;
  count = 0;
  start = cpu_ns ();
  return context;
}

void finish () {
  if (--left == 0)
    end = cpu_ns ();
}

async void ring_body (uint each) {
  for (uint i = 0; i < each; i++) {
    var idle = new IdleSource ();
    idle.set_priority (Priority.DEFAULT);
    idle.set_callback (ring_body.callback);
    idle.attach (MainContext.get_thread_default ());
    yield;
    count++;
  }
  finish ();
}

public double vala_ring (uint n, uint size) {
  var context = begin ((int) size);
  for (uint i = 0; i < size; i++)
    ring_body.begin (n / size);
  return run (n, context);
}

async void one () {
  count++;
}

async void create_body (uint n) {
  for (uint i = 0; i < n; i++)
    yield one ();
  finish ();
}

/* Called and waited for, and it never has to wait itself. */
public double vala_create (uint n, uint size) {
  var context = begin (1);
  create_body.begin (n);
  return run (n, context);
}

async void read_body (UnixInputStream input, int output, uint each, bool first) {
  var byte = new uint8[1];
  if (first)
    Posix.write (output, byte, 1);
  for (uint i = 0; i < each; i++) {
    try {
      count += (uint) yield input.read_async (byte);
    } catch (IOError error) {
      warning ("%s", error.message);
    }
    Posix.write (output, byte, 1);
  }
  finish ();
}

/* As gco_read(): two, and a pipe to each. */
public double vala_read (uint n, uint size) {
  int ends[4];
  if (Posix.pipe (ends[0:2]) != 0 || Posix.pipe (ends[2:4]) != 0)
    return -1;
  var context = begin (2);
  // one that has ended is still written to
  UnixInputStream inputs[2] = {
    new UnixInputStream (ends[0], true), new UnixInputStream (ends[2], true)
  };
  read_body.begin (inputs[0], ends[3], n / 2, false);
  read_body.begin (inputs[1], ends[1], n / 2, true);
  var ns = run (n, context);
  Posix.close (ends[1]);
  Posix.close (ends[3]);
  return ns;
}
