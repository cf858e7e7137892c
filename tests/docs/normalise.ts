/** What differs from one run of the program to the next, and what stands for it when two texts are compared. */
const CHANGING: [pattern: RegExp, instead: string][] = [
  [/\bmst_(\w+|…)/g, '<key>'],
  [
    /(?<![a-z])(acc|art|breq|conn|dlv|end|fire|inv|job|key|lse|msg|ntf|prov|rule|run|sch|task|team|trg|tr|var)_([\w-]{8,}|…)/g,
    '$1_<id>',
  ],
  [/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, '<id>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, '<time>'],
  [/\b\d{1,2} [A-Z][a-z]{2} \d{4}(, \d\d:\d\d)?/g, '<time>'],
  [/\b\d{4}-\d\d(-\d\d)?\b/g, '<day>'],
  [/\b\d\d:\d\d(:\d\d)?\b/g, '<time>'],
  [/\b\d+ms\b/g, '<time>'],
  [/(127\.0\.0\.1|localhost):\d+/g, '$1:<port>'],
  // The position in a stream of events.
  [/^id: \d+$/gm, 'id: <position>'],
  // The beginning of a hash.
  [/"[0-9a-f]{16}"/g, '"<hash>"'],
  // 128 bits in base64url: invitations, claims, sign-in links.
  [/(?<![\w-])[\w-]{22}(?![\w-])/g, '<code>'],
]

/** Spaces at the end of lines and the width of columns of changing things do not count either. */
export function normalise(text: string): string {
  const stable = CHANGING.reduce((found, [pattern, instead]) => found.replaceAll(pattern, instead), text)
  return stable
    .replaceAll(/[ \t]+$/gm, '')
    .replaceAll(/(<\w+>) {2,}/g, '$1  ')
    .trim()
}
