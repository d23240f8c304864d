namespace AgentKit.Models;

/// <summary>So many requests wait for the model already that another one is refused. Trying again later helps.</summary>
/// <param name="message">How many wait.</param>
public sealed class ModelBusyException(string message) : Exception(message);
