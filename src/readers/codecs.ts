/** The few things that readers need from the machine, so that they themselves run anywhere. */
export interface Codecs {
  /** Lower-case hex SHA-256. */
  sha256(bytes: Uint8Array): string;
}
