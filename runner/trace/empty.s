// An assembly file in the package lets the compiler accept the body-less
// function that actor.go links to the runtime.
