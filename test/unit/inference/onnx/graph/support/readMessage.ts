/** One field of a protocol buffer message: a varint as bigint (two's complement), anything else as its bytes. */
export interface Field {
  readonly number: number;
  readonly wireType: number;
  readonly value: bigint | Uint8Array;
}

/** Reads a message into its fields, knowing nothing of its schema. Source: protobuf.dev, "Encoding". */
export function readMessage(bytes: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 63n) throw new Error('a varint does not end');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
  };
  const take = (length: number): Uint8Array => {
    if (at + length > bytes.length) throw new Error('a field does not end');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    let value: bigint | Uint8Array;
    if (wireType === 0) value = varint();
    else if (wireType === 2) value = take(Number(varint()));
    else if (wireType === 5) value = take(4);
    else throw new Error(`wire type ${String(wireType)} is not expected`);
    fields.push({ number: tag >> 3, wireType, value });
  }
  return fields;
}

/** The values of all fields of this number. */
export function fieldsOf(bytes: Uint8Array, number: number): (bigint | Uint8Array)[] {
  return readMessage(bytes)
    .filter((field) => field.number === number)
    .map((field) => field.value);
}

/** The messages in the fields of this number. */
export function messagesOf(bytes: Uint8Array, number: number): Uint8Array[] {
  return fieldsOf(bytes, number).map((value) => {
    if (typeof value === 'bigint') throw new Error('a number, not a message');
    return value;
  });
}

/** The texts in the fields of this number. */
export function textsOf(bytes: Uint8Array, number: number): string[] {
  return messagesOf(bytes, number).map((value) => new TextDecoder().decode(value));
}

/** The integers in the fields of this number. */
export function integersOf(bytes: Uint8Array, number: number): bigint[] {
  return fieldsOf(bytes, number).map((value) => {
    if (typeof value !== 'bigint') throw new Error('bytes, not a number');
    return value;
  });
}
