import type { Call } from '../call.ts'
import { refuse, slowDown } from '../errors.ts'
import { isLocal } from '../updates/local.ts'
import { allowUpdates } from '../updates/polling.ts'
import type { World } from '../world/world.ts'

const lastSet = new WeakMap<World, number>()

export function setWebhook(world: World, call: Call): true {
  const url = call.args.text('url')
  if (url === '') return deleteWebhook(world, call)
  const secretToken = call.args.text('secret_token')
  const maxConnections = call.args.intWithin('max_connections', 40, 1, 100)
  const sinceLast = world.now() - (lastSet.get(world) ?? 0)
  if (world.limiter.on && sinceLast < 1000) throw slowDown(1)
  lastSet.set(world, world.now())
  checkAddress(url)
  if (secretToken.length > 256) throw refuse('secret token is too long')
  if (!/^[\w-]*$/.test(secretToken)) throw refuse('secret token contains unallowed characters')
  if (call.args.int('max_connections', 40) !== maxConnections) call.violate('max_connections is outside 1-100')
  const ipAddress = call.args.text('ip_address')
  allowUpdates(world, call)
  if (call.args.bool('drop_pending_updates')) world.updates.clear()
  const settings = { url, secretToken, maxConnections, ipAddress, hasCertificate: call.files.has('certificate') }
  const same = Object.entries(settings).every(
    ([key, value]) => world.webhook.settings[key as keyof typeof settings] === value,
  )
  call.note = same ? 'Webhook is already set' : 'Webhook was set'
  if (!same) world.webhook.set(settings)
  world.polling.end('terminated by setWebhook request')
  return true
}

// Telegram wants HTTPS on one of four ports. A webhook on this machine is let off, as its local mode would.
function checkAddress(url: string): void {
  if (!URL.canParse(url)) throw refuse('invalid webhook URL specified')
  if (isLocal(url)) return
  const { protocol, port } = new URL(url)
  if (protocol !== 'http:' && protocol !== 'https:') throw refuse('invalid webhook URL specified')
  if (protocol !== 'https:') throw refuse('bad webhook: An HTTPS URL must be provided for webhook')
  if (!['', '443', '80', '88', '8443'].includes(port)) {
    throw refuse('bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443')
  }
}

export function deleteWebhook(world: World, call: Call): true {
  if (call.args.bool('drop_pending_updates')) world.updates.clear()
  call.note = world.webhook.url === '' ? 'Webhook is already deleted' : 'Webhook was deleted'
  world.webhook.delete()
  return true
}
