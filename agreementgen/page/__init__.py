"""What a pack's layout is made of besides Jinja: HTML, CSS, drawings, pictures and fonts, checked before use."""
