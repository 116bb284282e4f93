/* global document, FormData, UserCom, earlyBird, earlyResult */
const meanings = {
  accepted: 'The relay has it.',
  unchanged: 'Nothing new since the last call, so nothing was sent.',
  invalid: 'Refused on the page; nothing was sent.',
  rejected: 'The relay refused it.',
  consent: 'The visitor has not agreed; nothing was sent.',
  unavailable: 'The script could not be loaded.',
}

/** Lists a call with what it was given, and what became of it once that is known. */
function show(title, attributes, promise) {
  const item = document.createElement('li')
  const add = (name, text, className = '') => {
    const element = item.appendChild(document.createElement(name))
    element.textContent = text
    element.className = className
    return element
  }
  const status = add('span', 'waiting', 'status')
  add('b', title)
  const meaning = add('p', 'On its way to the relay.')
  const given = Object.entries(attributes).map(([name, value]) => name + ': ' + JSON.stringify(value))
  add('pre', given.join('\n'))
  document.querySelector('#calls').prepend(item)

  promise.then((result) => {
    const end = result.ok ? result.status : result.reason
    status.textContent = end
    status.classList.add(result.ok ? 'taken' : 'refused')
    const issues = result.ok ? [] : result.issues.map((issue) => issue.field + ' ' + issue.message + '.')
    meaning.textContent = [meanings[end] ?? '', ...issues].join(' ')
  })
}

show('Called before the script had loaded', earlyBird, earlyResult)

document.querySelector('form').addEventListener('submit', (event) => {
  event.preventDefault()
  const attributes = Object.fromEntries(new FormData(event.target))
  attributes.tags = attributes.tags.split(',')
  show('Sent by the form', attributes, UserCom.identify(attributes))
})

document.querySelector('#consent').addEventListener('change', (event) => {
  UserCom.consent(event.target.checked)
})
