import type { User } from './createUsers'

const shown = new Set([
  'email',
  'first_name',
  'last_name',
  'phone_number',
  'company_custom_id',
  'tags',
  'custom_id',
])
const internal = new Set(
  'id key name last_ip lists attributes companies score status gender unsubscribed notifications created_at updated_at first_seen last_seen last_contacted page_views chat_id city region country timezone browser browser_language os_type resolution gravatar_url facebook_url linkedin_url twitter_url google_url'.split(
    ' ',
  ),
)

const escape = (value: unknown) =>
  String(value ?? '').replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)

const toCustom = (user: User) =>
  Object.entries(user)
    .filter(([name]) => !shown.has(name) && !internal.has(name))
    .map(([name, value]) => `<span class="custom"><b>${escape(name)}</b> ${escape(value)}</span>`)
    .join(' ')

const toRow = (user: User) => `<tr>
  <td class="id">${user.id}</td>
  <td>${escape(user.email)}</td>
  <td>${escape(user.first_name)}</td>
  <td>${escape(user.last_name)}</td>
  <td>${user.tags.map((tag) => `<span class="tag">${escape(tag)}</span>`).join(' ')}</td>
  <td>${escape(user.company_custom_id)}</td>
  <td>${toCustom(user)}</td>
</tr>`

const toCount = (users: User[]) => (users.length === 1 ? '1 user' : `${users.length} users`)

/** The list of users, newest first; it reloads itself every two seconds, which needs no script. */
export const toUsersPage = (users: User[]): string => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="2">
<link rel="icon" href="data:,">
<title>${toCount(users)} · User.com stand-in</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; color: #1c2433; background: #f5f6fa; margin: 0; padding: 2.5rem 1.5rem }
  main { max-width: 64rem; margin: auto }
  h1 { font-size: 1.6rem; margin: 0 }
  p { color: #5a6478; margin: .3rem 0 1.5rem }
  .card { background: #fff; border: 1px solid #e1e5ee; border-radius: 12px; overflow: auto }
  table { border-collapse: collapse; width: 100% }
  th, td { text-align: left; padding: .65rem 1rem; border-bottom: 1px solid #eef0f5; white-space: nowrap }
  th { font-size: .8rem; color: #5a6478; font-weight: 600; background: #fafbfd }
  tr:last-child td { border-bottom: 0 }
  .id { color: #8a93a6 }
  .tag, .custom { background: #eaf1ff; color: #1d4fb8; border-radius: 99px; padding: .1rem .6rem; font-size: .85rem }
  .custom { background: #f0f1f5; color: #3d4657 }
  .none { padding: 2.5rem; text-align: center; color: #5a6478 }
</style>
<main>
<h1>User.com stand-in</h1>
<p>${toCount(users)}, newest first. This page plays the app; nothing leaves this machine.</p>
<div class="card">${
  users.length
    ? `<table><thead><tr><th>id<th>email<th>first name<th>last name<th>tags<th>company<th>custom attributes</thead><tbody>${[...users].reverse().map(toRow).join('')}</tbody></table>`
    : '<p class="none">Nobody yet. Send the form on the demo page.</p>'
}</div>
</main>
</html>`
