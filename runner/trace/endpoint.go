package trace

// endpoint is what a descriptor talks from and to.
type endpoint struct{ local, remote string }

// endpoints is what is known of the descriptors of the process, by number.
type endpoints struct{ by []endpoint }

func (e *endpoints) learn(c *call) {}
