import { Button } from '@mantine/core'
import { useCallback, useEffect, useMemo, useState } from 'react'
import { sentenceOf } from '../api/client.ts'
import { useCommands } from '../api/queries.ts'
import type { CommandInfo } from '../api/types.ts'
import { useSession } from '../app/session.ts'
import { ButtonsContext } from '../chat/buttons-context.ts'
import { COMPOSER_ID, Composer } from '../chat/composer.tsx'
import { ConnectionNote } from '../chat/connection-note.tsx'
import { ChatLoading } from '../chat/loading.tsx'
import css from '../chat/message-list.module.css'
import { MessageList } from '../chat/message-list.tsx'
import { readDraft, writeDraft } from '../chat/outbox.ts'
import { useAttachments } from '../chat/use-attachments.ts'
import { useConversation } from '../chat/use-conversation.ts'
import { Welcome } from '../chat/welcome.tsx'

const NO_COMMANDS: CommandInfo[] = []

/** The person's conversation with the bot. */
export default function ChatPage() {
  const { accountId } = useSession()
  const conversation = useConversation(accountId)
  const commands = useCommands().data ?? NO_COMMANDS
  const draft = useDraft(accountId)
  const { pending, press, onAnswer } = conversation.buttons
  const { setText } = draft
  const pick = useCallback(
    (text: string): void => {
      setText(text)
      document.getElementById(COMPOSER_ID)?.focus()
    },
    [setText],
  )
  const buttons = useMemo(() => ({ pending, press, onAnswer, onCommand: pick }), [pending, press, onAnswer, pick])
  return (
    <ButtonsContext value={buttons}>
      <div className={css.page} data-testid="chat">
        <h1 className={css.hidden}>Chat</h1>
        <MessageList
          items={conversation.items}
          outbox={conversation.outbox}
          older={conversation.older}
          live={conversation.live}
          instead={<Instead query={conversation.query} welcome={<Welcome commands={commands} onPick={pick} />} />}
        />
        <ConnectionNote connection={conversation.connection} />
        <Composer
          text={draft.text}
          onText={draft.setText}
          attached={draft.attached}
          commands={commands}
          onSend={conversation.outbox.send}
        />
      </div>
    </ButtonsContext>
  )
}

interface InsteadProps {
  query: ReturnType<typeof useConversation>['query']
  welcome: React.ReactNode
}

/** What stands where no message is. */
function Instead({ query, welcome }: InsteadProps) {
  if (query.isPending) return <ChatLoading />
  if (!query.isError) return welcome
  return (
    <div className={css.welcome} role="alert" data-testid="chat-error">
      <p>{sentenceOf(query.error)}</p>
      <Button onClick={() => query.refetch()} loading={query.isFetching}>
        Try again
      </Button>
    </div>
  )
}

/** Text and files that are not sent yet; a reload brings them back. */
function useDraft(accountId: string) {
  const [stored] = useState(() => readDraft(accountId))
  const [text, setText] = useState(stored.text)
  const attached = useAttachments(stored.files)
  const { files } = attached
  const fileIds = files.map((file) => file.id).join()
  // biome-ignore lint/correctness/useExhaustiveDependencies: the ids say when the files changed
  useEffect(() => writeDraft(accountId, { text, files }), [accountId, text, fileIds])
  return { text, setText, attached }
}
