/*
 * Model text on a terminal: nothing in it may move the cursor, set the title, hide or reorder what stands around it.
 */

const BIDI_AND_HIDDEN =
  /[\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e007f}]/gu;

const codePoint = (character: string): string =>
  `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`;

/**
 * Text with line breaks kept and everything else that a terminal would act on made visible: control characters as
 * their pictures (U+2400 and up), C1 controls, bidirectional and invisible marks as `<U+202E>`, lone halves of surrogate
 * pairs as U+FFFD. Tabs become four blanks.
 */
export function safeText(text: string): string {
  return (
    text
      .replace(/\p{Surrogate}/gu, '\ufffd')
      .replace(/\r\n/g, '\n')
      .replace(/\t/g, '    ')
      // eslint-disable-next-line no-control-regex -- these are what must go
      .replace(/[\u0000-\u0009\u000b-\u001f]/g, (control) =>
        String.fromCharCode(0x2400 + control.charCodeAt(0)),
      )
      .replace(/\u007f/g, '\u2421')
      .replace(/[\u0080-\u009f]/g, codePoint)
      .replace(BIDI_AND_HIDDEN, codePoint)
  );
}

/** The same on one line: line breaks become blanks. */
export function safeLine(text: string): string {
  return safeText(text).replace(/\n+/g, ' ');
}
