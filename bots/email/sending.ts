import type { FormPart, Part } from '#core/chat/message.ts'
import type { Outgoing, SendResult } from '#core/chat/sender.ts'
import type { Clock } from '#core/clock.ts'
import { oneLine } from '#core/cut.ts'
import { sha256 } from '#core/ids.ts'
import type { MailDesk, OwnMail } from '#core/mail/desk.ts'
import { parseMailConversation } from '#core/mail/mail.ts'
import type { Mail, Mailer } from '#core/outbound/mail.ts'
import { letterOf, unsubscribeHeaders } from './letter.ts'
import { ownMarks } from './loops.ts'
import { type Rendered, render } from './render.ts'
import { outcomeOf } from './smtp-outcome.ts'
import { stageOf } from './stages.ts'

const SUBJECT_MAX = 120
const OFFERED_TEXT_MAX = 4_000
const HOUR_MS = 3_600_000
const FILES_MAX_BYTES = 25 * 1024 * 1024

export interface SendingNeeds {
  desk: MailDesk
  mailer: Mailer
  /** The address of this channel. */
  own: string
  clock: Clock
  answersPerHour: number
  /** How long a mail server that takes nothing for now is left alone. */
  againMs: number
}

/** Messages as mails: each in the thread of what it answers. */
export class Sending {
  readonly #needs: SendingNeeds

  constructor(needs: SendingNeeds) {
    this.#needs = needs
  }

  send(message: Outgoing): Promise<SendResult> {
    return this.#mail(message, { what: keyOf(message), ref: undefined })
  }

  /**
   * A mail that was sent stays as it is. What a card says now becomes another mail where it is news: somebody is needed, or it is
   * over. The same news are told once.
   */
  async edit(messageRef: string, message: Outgoing): Promise<SendResult> {
    const stage = stageOf(message.parts)
    if (stage === undefined || stage === 'accepted') return { outcome: 'sent', messageRef }
    const what = `${keyOf(message)}.${sha256(JSON.stringify([stage, asked(message.parts)])).slice(0, 12)}`
    return this.#mail(message, { what, ref: messageRef })
  }

  async #mail(message: Outgoing, { what, ref }: { what: string; ref: string | undefined }): Promise<SendResult> {
    const { desk, own } = this.#needs
    const { address, threadId } = parseMailConversation(message.conversation)
    const bounced = await desk.bounceOf(address)
    if (bounced !== undefined) return { outcome: 'refused', reason: `Mail to this address came back. ${bounced}` }
    const rendered = render(message.parts)
    const { buttons, formId, text } = rendered
    const mail = await desk.prepare({
      address,
      threadId,
      subject: oneLine(message.hints?.subject ?? '', SUBJECT_MAX) || titleOf(rendered),
      what,
      domain: own.slice(own.indexOf('@') + 1),
      offers: { ref: ref ?? '', buttons, ...(formId ? { formId } : {}), text: text.slice(0, OFFERED_TEXT_MAX) },
    })
    // It stands there as it was: the news are old.
    if (ref !== undefined && mail.isSent) return { outcome: 'sent', messageRef: ref }
    const held = await this.#held(message, address, threadId !== undefined)
    if (held) return held
    return this.#hand(message, mail, rendered, ref ?? mail.messageId)
  }

  /** Two machines that answer each other come to rest; what cost money comes in the next hour. */
  async #held({ cause, key }: Outgoing, address: string, isAnswer: boolean): Promise<SendResult | undefined> {
    const { desk, answersPerHour, clock } = this.#needs
    if (!isAnswer) return undefined
    // Whoever pretends to be somebody uses up half of what that person gets, and no more.
    const isUnproven = cause.startsWith('mail:')
    const share = !isUnproven || (await desk.mayAnswer(`unproven ${address}`, Math.ceil(answersPerHour / 2)))
    if (share && (await desk.mayAnswer(address, answersPerHour))) return undefined
    const reason = `This address got ${answersPerHour} answers within the hour (${key}).`
    return /^(in|mail):/.test(cause)
      ? { outcome: 'refused', reason }
      : { outcome: 'retry', afterMs: HOUR_MS - (clock.nowMs() % HOUR_MS) + 1_000, reason }
  }

  async #hand(message: Outgoing, mail: OwnMail, rendered: Rendered, messageRef: string): Promise<SendResult> {
    const { desk, mailer } = this.#needs
    const { address } = parseMailConversation(message.conversation)
    const letter = await this.#letter(message, mail, rendered)
    try {
      await mailer.send({ ...letter, to: address })
    } catch (error) {
      const { result, isNobody } = outcomeOf(error, this.#needs.againMs)
      if (isNobody) await desk.refusedBy(address, 'The mail server says that there is nobody with it.')
      return result
    }
    await desk.sent(mail.messageId)
    return { outcome: 'sent', messageRef }
  }

  async #letter(
    message: Outgoing,
    { messageId, thread, replyTag, bounceTag }: OwnMail,
    rendered: Rendered,
  ): Promise<Mail> {
    const { own, desk } = this.#needs
    const inReplyTo = thread.lastIn ?? thread.references.at(-1)
    const files: NonNullable<Mail['attachments']> = []
    const left: string[] = []
    let sizeBytes = 0
    for (const part of message.parts) {
      if (part.type !== 'file') continue
      sizeBytes += part.sizeBytes
      if (sizeBytes > FILES_MAX_BYTES) left.push(part.name)
      else files.push({ name: part.name, mediaType: part.mediaType, bytes: await message.readFile(part.artifactId) })
    }
    const unsubscribe = desk.unsubscribeIn(message.hints)
    const around = {
      isMaybeDuplicate: message.maybeDuplicate,
      left,
      attached: files.map(({ name }) => name),
      link: desk.linkIn(message.hints),
      isRead: true,
      unsubscribe,
    }
    return {
      to: '',
      subject: inReplyTo === undefined ? thread.subject : `Re: ${thread.subject}`,
      ...letterOf(rendered, around),
      messageId,
      ...(inReplyTo ? { inReplyTo } : {}),
      references: thread.references,
      replyTo: tagged(own, replyTag),
      envelopeFrom: tagged(own, bounceTag),
      headers: { ...ownMarks(thread.lastIn !== null), ...unsubscribeHeaders(unsubscribe) },
      ...(files.length > 0 ? { attachments: files } : {}),
    }
  }
}

const keyOf = ({ key }: Outgoing): string => key.slice(key.indexOf(':') + 1).toLowerCase()

const tagged = (address: string, tag: string): string => address.replace('@', `+${tag}@`)

const titleOf = ({ text }: Rendered): string => oneLine(text.split('\n')[0] ?? '', SUBJECT_MAX) || 'Muster'

/** What a card asks for now: its words, and not the marks that change with each look. */
function asked(parts: readonly Part[]): unknown {
  const form = parts.find((part): part is FormPart => part.type === 'form')
  if (form) return form.fields.map(({ name, value, problem }) => [name, value, problem])
  return parts.flatMap((part) => (part.type === 'text' && part.style !== 'muted' ? [part.text] : []))
}
