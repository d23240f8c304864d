namespace AgentKit.Models.Hub;

/// <summary>Where models and other files come from.</summary>
public sealed record HubOptions
{
    /// <summary>The public hub.</summary>
    public static Uri DefaultAddress { get; } = new("https://huggingface.co");

    /// <summary>Address of the hub or of a mirror with the same paths.</summary>
    /// <value>An absolute http or https address; default <see cref="DefaultAddress"/>.</value>
    public Uri Address
    {
        get;
        init => field = value is { IsAbsoluteUri: true, Scheme: "http" or "https" }
            ? new Uri(value.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/")
            : throw new ArgumentOutOfRangeException(nameof(Address), value, "an absolute http or https address");
    } = new(DefaultAddress, "/");

    /// <summary>Access token for private and gated models. Sent to <see cref="Address"/> only, and only over https or to this machine.</summary>
    public string? Token { get; init; }

    /// <summary>Branch, tag or commit.</summary>
    /// <value>Default <c>main</c>.</value>
    public string Revision { get; init; } = "main";

    /// <summary>Where a file lies below <see cref="Address"/>; <c>{repository}</c>, <c>{revision}</c> and <c>{path}</c> are replaced.</summary>
    /// <value>Default <c>{repository}/resolve/{revision}/{path}</c>, as on the public hub.</value>
    public string FilePath { get; init; } = "{repository}/resolve/{revision}/{path}";

    /// <summary>Attempts without any progress before a download is given up.</summary>
    /// <value>1 to 100; default 6.</value>
    public int Attempts
    {
        get;
        init => field = value is >= 1 and <= 100 ? value : throw new ArgumentOutOfRangeException(nameof(Attempts), value, "1 to 100");
    } = 6;

    /// <summary>How long nothing may arrive before the connection counts as broken.</summary>
    /// <value>More than zero; default one minute.</value>
    public TimeSpan Patience
    {
        get;
        init => field = value > TimeSpan.Zero ? value : throw new ArgumentOutOfRangeException(nameof(Patience), value, "more than zero");
    } = TimeSpan.FromMinutes(1);
}
