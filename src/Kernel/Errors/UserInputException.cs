namespace AgentKit.Kernel.Errors;

/// <summary>
/// The user asked for something that cannot be done as written: an unknown file, an option out of range, a malformed document.
/// The command line ends with exit code 2 and HTTP with 400; the message is shown as it is, without a stack trace.
/// </summary>
/// <param name="field">The option, field or file at fault, as the user knows it (<c>--root</c>, <c>tensors[3].offset</c>).</param>
/// <param name="message">What was found and what is allowed.</param>
/// <param name="inner">The cause, when another component found the fault.</param>
public sealed class UserInputException(string field, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The option, field or file at fault, as the user knows it.</summary>
    public string Field { get; } = field;
}
