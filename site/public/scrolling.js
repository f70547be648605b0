// Tables and code that are wider than the window scroll; those who use no mouse have to be able to reach them for it.
const wide = document.querySelectorAll('.sl-markdown-content :is(table, pre)')
const observer = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
    else target.removeAttribute('tabindex')
  }
})
for (const element of wide) observer.observe(element)
