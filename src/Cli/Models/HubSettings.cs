using AgentKit.Kernel.Errors;
using AgentKit.Models.Hub;

namespace AgentKit.Cli.Models;

/// <summary>The hub that the environment names.</summary>
internal static class HubSettings
{
    /// <summary><c>AGENTKIT_HUB</c> or <c>HF_ENDPOINT</c> is the address, <c>HF_TOKEN</c> the access token.</summary>
    /// <param name="environment">Reads a variable.</param>
    /// <exception cref="UserInputException">The address is none.</exception>
    public static HubOptions Read(Func<string, string?> environment)
    {
        string? token = environment("HF_TOKEN")?.Trim();
        var options = new HubOptions { Token = string.IsNullOrEmpty(token) ? null : token };
        foreach (string name in (string[])["AGENTKIT_HUB", "HF_ENDPOINT"])
        {
            if (environment(name)?.Trim() is not { Length: > 0 } text) continue;
            return Uri.TryCreate(text, UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
                ? options with { Address = address }
                : throw new UserInputException(name, $"{name} is '{text}'; an address such as {HubOptions.DefaultAddress} is expected.");
        }

        return options;
    }
}
