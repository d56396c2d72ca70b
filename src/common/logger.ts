/** Where code that knows no editor writes what a person may want to read later. Never holds secrets or whole records. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** For callers that want no log. */
export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
