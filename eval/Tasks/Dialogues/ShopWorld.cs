using System.Text.Json;
using System.Text.Json.Nodes;
using AgentKit.Kernel.Errors;
using AgentKit.Kernel.Runs;
using Microsoft.Extensions.AI;

namespace AgentKit.Eval.Tasks.Dialogues;

/// <summary>
/// A small shop whose state an agent reads and changes through tools. Two shops are in the same state when their documents are equal.
/// </summary>
internal sealed class ShopWorld
{
    private readonly JsonObject _state;

    public ShopWorld(JsonElement state) => _state = (JsonObject)JsonNode.Parse(state.GetRawText())!;

    public static IReadOnlyList<AITool> Tools { get; } =
    [
        Tool("find_customer", "Find a customer's id by name and postal code.", "name", "postal_code"),
        Tool("get_order", "Get an order: customer, items, status, address.", "order_id"),
        Tool("cancel_order", "Cancel an order that is still pending.", "order_id", "reason"),
        Tool("change_address", "Change the address of an order that is still pending.", "order_id", "address"),
        Tool("return_item", "Return an item of an order that was delivered.", "order_id", "item"),
    ];

    public bool IsSameAs(ShopWorld other) => JsonNode.DeepEquals(_state, other._state);

    /// <summary>Carries out a call; what goes wrong is said to the model.</summary>
    /// <exception cref="ToolException">The call cannot be carried out; nothing changed.</exception>
    public string Call(ToolCall call) => call.Name switch
    {
        "find_customer" => FindCustomer(Argument(call, "name"), Argument(call, "postal_code")),
        "get_order" => Order(call).ToJsonString(),
        "cancel_order" => Change(call, "pending", order => Cancel(order, Argument(call, "reason"))),
        "change_address" => Change(call, "pending", order => order["address"] = Argument(call, "address")),
        "return_item" => Change(call, "delivered", order => Return(order, Argument(call, "item"))),
        _ => throw new ToolException($"There is no tool {call.Name}."),
    };

    private static void Cancel(JsonObject order, string reason)
    {
        order["status"] = "cancelled";
        order["cancel_reason"] = reason;
    }

    private static void Return(JsonObject order, string item)
    {
        if (!((JsonArray)order["items"]!).Any(held => held!.GetValue<string>() == item))
            throw new ToolException($"The order holds no {item}.");
        if (order["returned"] is not JsonArray) order["returned"] = new JsonArray();
        ((JsonArray)order["returned"]!).Add(item);
    }

    private string FindCustomer(string name, string postalCode) => ((JsonObject)_state["customers"]!)
        .Where(pair => Same(pair.Value!["name"]!, name) && Same(pair.Value!["postal_code"]!, postalCode))
        .Select(pair => pair.Key).FirstOrDefault() ?? throw new ToolException("There is no such customer.");

    private string Change(ToolCall call, string status, Action<JsonObject> change)
    {
        JsonObject order = Order(call);
        if (!Same(order["status"]!, status)) throw new ToolException($"The order is {order["status"]}, not {status}.");
        change(order);
        return order.ToJsonString();
    }

    private JsonObject Order(ToolCall call) =>
        ((JsonObject)_state["orders"]!)[Argument(call, "order_id")] as JsonObject ?? throw new ToolException("There is no such order.");

    private static bool Same(JsonNode node, string text) =>
        string.Equals(node.GetValue<string>(), text, StringComparison.OrdinalIgnoreCase);

    private static string Argument(ToolCall call, string name) =>
        call.Arguments is { ValueKind: JsonValueKind.Object } arguments && arguments.TryGetProperty(name, out JsonElement value)
            && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : throw new ToolException($"{call.Name} needs the text {name}.");

    private static AITool Tool(string name, string description, params string[] parameters)
    {
        var schema = new { type = "object", properties = parameters.ToDictionary(
            parameter => parameter, _ => new { type = "string" }), required = parameters };
        return AIFunctionFactory.CreateDeclaration(name, description, JsonSerializer.SerializeToElement(schema));
    }
}
