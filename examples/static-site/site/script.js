document.getElementById('said').textContent = 'Scripts of this site run.'
