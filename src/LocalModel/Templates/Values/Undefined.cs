namespace AgentKit.Models.Templates.Values;

/// <summary>
/// The value of a name, attribute or item that does not exist. It is false, empty and prints nothing; reading an attribute of it, calling
/// it or
/// calculating with it fails with <see cref="Reason"/>.
/// </summary>
/// <param name="Reason">What is missing, for the error message.</param>
internal sealed record Undefined(string Reason)
{
    public bool Equals(Undefined? other) => other is not null;

    public override int GetHashCode() => 0;
}
