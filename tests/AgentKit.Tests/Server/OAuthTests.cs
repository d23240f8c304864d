using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Server;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace AgentKit.Tests.Server;

public sealed class OAuthTests : IDisposable
{
    private const string Resource = "https://agent.example/mcp";
    private const string Issuer = "https://id.example";

    private readonly RSA _key = RSA.Create(2048);
    private readonly RSA _foreign = RSA.Create(2048);

    private McpHttpOptions Options => new()
    {
        OAuth = new McpOAuthOptions
        {
            Resource = new Uri(Resource), Issuer = new Uri(Issuer), RequiredScopes = ["mcp:use"], KeySet = KeySet(_key),
        },
    };

    public void Dispose()
    {
        _key.Dispose();
        _foreign.Dispose();
    }

    [Theory]
    [InlineData("right", 200)]
    [InlineData("wrong audience", 401)]
    [InlineData("audience is a prefix", 401)]
    [InlineData("wrong issuer", 401)]
    [InlineData("foreign key", 401)]
    [InlineData("expired", 401)]
    [InlineData("not yet", 401)]
    [InlineData("unsigned", 401)]
    [InlineData("public key as secret", 401)]
    [InlineData("no subject", 401)]
    [InlineData("no scope", 403)]
    [InlineData("garbage", 401)]
    public async Task Request_WithAToken_IsLetInWhenItWasMadeOutForThisServer(string what, int expected)
    {
        await using var server = await ServerUnderTest.StartAsync(Options);
        HttpRequestMessage request = ServerUnderTest.Post("tools/list");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token(what));

        Assert.Equal(expected, (await server.SendAsync(request)).Status);
    }

    [Fact]
    public async Task Request_WithoutAToken_IsToldWhereToGetOne()
    {
        await using var server = await ServerUnderTest.StartAsync(Options);

        using HttpResponseMessage refused = await server.Client().SendAsync(ServerUnderTest.Post("tools/list"));
        string challenge = Assert.Single(refused.Headers.WwwAuthenticate).Parameter!;
        string metadata = await server.Client().GetStringAsync("/.well-known/oauth-protected-resource/mcp");

        Assert.Equal(401, (int)refused.StatusCode);
        Assert.Contains("resource_metadata=\"https://agent.example/.well-known/oauth-protected-resource/mcp\"", challenge, StringComparison.Ordinal);
        JsonElement described = JsonElement.Parse(metadata);
        Assert.Equal(Resource, described.GetProperty("resource").GetString());
        Assert.Equal(Issuer, described.GetProperty("authorization_servers")[0].GetString());
    }

    [Fact]
    public async Task Session_OfOneUser_IsNotAnothers()
    {
        await using var server = await ServerUnderTest.StartAsync(Options);
        string session = await server.BeginAsync(Token("right"));
        HttpRequestMessage request = ServerUnderTest.InSession(session, "tools/list");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token("other user"));

        Assert.Equal(403, (await server.SendAsync(request)).Status);
    }

    private string Token(string what)
    {
        if (what == "garbage") return "not.a.token";
        DateTime now = DateTime.UnixEpoch.AddSeconds(DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        var descriptor = new SecurityTokenDescriptor
        {
            Issuer = what == "wrong issuer" ? "https://other.example" : Issuer,
            Audience = what switch { "wrong audience" => "https://other.example/mcp", "audience is a prefix" => "https://agent.example", _ => Resource },
            NotBefore = what == "not yet" ? now.AddHours(1) : now.AddHours(-2),
            Expires = what == "expired" ? now.AddHours(-1) : now.AddHours(2),
            Claims = new Dictionary<string, object>
            {
                ["sub"] = what switch { "other user" => "eve", "no subject" => "", _ => "alice" }, ["scope"] = what == "no scope" ? "other" : "openid mcp:use",
            },
            SigningCredentials = what switch
            {
                "unsigned" => null,
                "foreign key" => new SigningCredentials(new RsaSecurityKey(_foreign) { KeyId = "k" }, "RS256"),
                "public key as secret" => new SigningCredentials(new SymmetricSecurityKey(_key.ExportSubjectPublicKeyInfo()) { KeyId = "k" }, "HS256"),
                _ => new SigningCredentials(new RsaSecurityKey(_key) { KeyId = "k" }, "RS256"),
            },
        };
        return new JsonWebTokenHandler { SetDefaultTimesOnTokenCreation = false }.CreateToken(descriptor);
    }

    private static string KeySet(RSA key)
    {
        RSAParameters parameters = key.ExportParameters(false);
        var json = new JsonObject
        {
            ["kty"] = "RSA",
            ["kid"] = "k",
            ["use"] = "sig",
            ["n"] = Base64UrlEncoder.Encode(parameters.Modulus),
            ["e"] = Base64UrlEncoder.Encode(parameters.Exponent),
        };
        return new JsonObject { ["keys"] = new JsonArray(json) }.ToJsonString();
    }
}
