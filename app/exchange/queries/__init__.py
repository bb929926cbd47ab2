"""Reading posts and exchanges: everything takes the viewer first."""
