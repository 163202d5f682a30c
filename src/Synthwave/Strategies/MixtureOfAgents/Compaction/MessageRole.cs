namespace Synthwave.Strategies.MixtureOfAgents.Compaction;

/// <summary>Who speaks in a message. Developers speak as the system, functions as tools.</summary>
internal enum MessageRole { System, User, Assistant, Tool }
