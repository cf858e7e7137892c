import type { Migration } from './migration.ts'

/** The history of a conversation is read backwards by its moments. By their ids nobody reads messages. */
export const chatHistory: Migration = {
  name: '0009-chat-history',
  up: () => [
    'CREATE INDEX chat_message_time ON chat_message (conversation, at_ms, change_seq)',
    'DROP INDEX chat_message_order',
  ],
  down: () => ['CREATE INDEX chat_message_order ON chat_message (conversation, id)', 'DROP INDEX chat_message_time'],
}
