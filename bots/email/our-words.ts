/** Our own sentences around what is to be answered: text and HTML say the same, and a reply that quotes them is known by them. */
export const ANSWER_WITH = 'To answer, reply with one of these as the first line:'
export const FILL_IN = 'reply to this mail with these lines filled in.'
