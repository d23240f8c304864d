namespace AgentKit.Models.Templates;

/// <summary>
/// A chat template is malformed, calls for something that does not exist, exceeds its <see cref="TemplateLimits"/>, or refuses its input by
/// calling <c>raise_exception</c>.
/// </summary>
public sealed class TemplateException : Exception
{
    /// <summary>Creates the exception; the message is prefixed with the line.</summary>
    /// <param name="reason">What is wrong, without the line.</param>
    /// <param name="line">Line in the template, from 1; 0 when not known.</param>
    /// <param name="inner">The cause, if another exception found the fault.</param>
    public TemplateException(string reason, int line = 0, Exception? inner = null)
        : base(line > 0 ? $"Chat template, line {line}: {reason}" : reason, inner)
    {
        Reason = reason;
        Line = line;
    }

    /// <summary>What is wrong, without the line.</summary>
    public string Reason { get; }

    /// <summary>Line in the template source, from 1; 0 when the fault has no line (for example a template that is too long).</summary>
    public int Line { get; }
}
