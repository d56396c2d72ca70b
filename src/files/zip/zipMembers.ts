/** Where a member of a ZIP archive stands, and how it is packed. */
export interface ZipMember {
  readonly name: string;
  /** Offset of its local header. */
  readonly header: number;
  /** Bytes of its packed data. */
  readonly packed: number;
  /** Bytes of its data as the archive declares them. */
  readonly unpacked: number;
  /** 0 stored, 8 deflated, 93 Zstandard. */
  readonly method: number;
  /** CRC-32 of its data. */
  readonly crc: number;
  readonly encrypted: boolean;
}

const STRIDE = 6;

/** Members by position, without their names: a directory may have a million. */
export class ZipMembers {
  private readonly numbers: number[] = [];

  get count(): number {
    return this.numbers.length / STRIDE;
  }

  add({ header, packed, unpacked, method, crc, encrypted }: ZipMember): void {
    this.numbers.push(header, packed, unpacked, method, crc, Number(encrypted));
  }

  /** The member at a position, without its name. */
  at(position: number): Omit<ZipMember, 'name'> | undefined {
    const [header, packed, unpacked, method, crc, encrypted] = this.numbers.slice(
      position * STRIDE,
      (position + 1) * STRIDE,
    );
    if (header === undefined || packed === undefined || unpacked === undefined) return undefined;
    if (method === undefined || crc === undefined) return undefined;
    return { header, packed, unpacked, method, crc, encrypted: encrypted === 1 };
  }
}
