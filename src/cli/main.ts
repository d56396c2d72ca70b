import { EXIT, type TextSink } from './cliIo';
import { main } from './commandLine';

/*
 * The entry of `imcot`: ties the command line to this process. The exit code is set, never forced, so that what was
 * written to a pipe arrives.
 */

const stopped = new AbortController();
let hasLostOutput = false;

function sink(stream: NodeJS.WriteStream): TextSink {
  const isTerminal = stream.isTTY === true;
  // https://no-color.org: any value but the empty one turns colours off.
  const colour = isTerminal && !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb';
  let open = true;
  stream.on('error', (error: NodeJS.ErrnoException) => {
    open = false;
    stopped.abort();
    // `imcot show … | head` closes the pipe early: that ends the work, it is no error. A full disk is one.
    if (error.code === 'EPIPE') return;
    hasLostOutput = true;
    process.exitCode = EXIT.inputErrors;
    if (stream !== process.stderr) process.stderr.write(`imcot: writing failed: ${error.message}\n`);
  });
  return {
    write: (text) => {
      if (open) stream.write(text);
    },
    isTerminal,
    colour,
    ...(isTerminal && stream.columns > 0 ? { columns: stream.columns } : {}),
  };
}

// Once: a second Ctrl+C meets Node's own handler, which ends the process on the spot.
process.once('SIGINT', () => stopped.abort());

const io = { out: sink(process.stdout), err: sink(process.stderr), signal: stopped.signal };
void main(process.argv.slice(2), io).then((code) => {
  process.exitCode = hasLostOutput ? EXIT.inputErrors : code;
});
