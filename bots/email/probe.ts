/** Whether the mailbox that is set up can be read, in words; throws with why not, and without what is secret. */
export async function probeMailbox(imapUrl: string, timeoutMs: number): Promise<{ mails: number }> {
  const { connectTo, INBOX, reasonOf } = await import('./connection.ts')
  const client = await connectTo(imapUrl, { timeoutMs, socketTimeoutMs: timeoutMs })
  client.on('error', () => {})
  try {
    await client.connect()
    const box = await client.mailboxOpen(INBOX, { readOnly: true })
    return { mails: box.exists }
  } catch (error) {
    throw new Error(reasonOf(error))
  } finally {
    client.close()
  }
}
