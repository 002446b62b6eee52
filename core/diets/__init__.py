"""What a patient may eat: allergies, diet orders, fasting, and the verdict on every dish."""
