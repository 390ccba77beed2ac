import{n as e}from"./rolldown-runtime-WkwZ5CU-.js";import{Dt as t,g as n,h as r}from"./libraries-BrnDxhvx.js";import{c as i,h as a,i as o,j as s,k as c,m as l,n as u,t as d}from"./index-CDvCw4JY.js";import{r as f}from"./Field-Cr4_ZbZl.js";import{t as p}from"./sheet.module-BUaCb0qo.js";import{t as m}from"./useGlance-BuGWia4G.js";var h=e(t(),1),g={section:`_section_6pyug_1`,choices:`_choices_6pyug_15`};function _({hostname:e,port:t,protocol:n}){return`${e}:${t||(n===`https:`?`443`:`80`)}`}var v=[{id:`go`,label:`Go`,install:`go get github.com/streamdal/streamdal/sdks/go`,program:y},{id:`node`,label:`Node`,install:`npm install @streamdal/node-sdk`,program:b},{id:`python`,label:`Python`,install:`python -m pip install streamdal`,program:x},{id:`ruby`,label:`Ruby`,install:`gem install streamdal`,program:S}];function y(e){return`client, err := streamdal.New(&streamdal.Config{
	ServerURL:   "${e}",
	ServerToken: os.Getenv("STREAMDAL_TOKEN"),
	ServiceName: "billing",
})
if err != nil {
	log.Fatal(err)
}
result := client.Process(ctx, &streamdal.ProcessRequest{
	ComponentName: "kafka",
	OperationType: streamdal.OperationTypeConsumer,
	OperationName: "new-order",
	Data:          message,
})
message = result.Data`}function b(e){return`import { OperationType, registerStreamdal } from "@streamdal/node-sdk";

const streamdal = await registerStreamdal({
  streamdalUrl: "${e}",
  streamdalToken: process.env.STREAMDAL_TOKEN,
  serviceName: "billing",
});
const result = await streamdal.process({
  audience: {
    serviceName: "billing",
    componentName: "kafka",
    operationType: OperationType.CONSUMER,
    operationName: "new-order",
  },
  data: message,
});
message = result.data;`}function x(e){return`import os
from streamdal import OPERATION_TYPE_CONSUMER, ProcessRequest, StreamdalClient, StreamdalConfig

client = StreamdalClient(cfg=StreamdalConfig(
    streamdal_url="${e}",
    streamdal_token=os.environ["STREAMDAL_TOKEN"],
    service_name="billing",
))
result = client.process(ProcessRequest(
    component_name="kafka",
    operation_type=OPERATION_TYPE_CONSUMER,
    operation_name="new-order",
    data=message,
))
message = result.data`}function S(e){return`require "logger"
require "streamdal"

client = Streamdal::Client.new({
  streamdal_url: "${e}",
  streamdal_token: ENV["STREAMDAL_TOKEN"],
  service_name: "billing",
  log: Logger.new($stdout),
})
audience = Streamdal::Audience.new(Streamdal::OPERATION_TYPE_CONSUMER, "new-order", "kafka")
result = client.process(message, audience)
message = result.data`}var C=n();function w(){return(0,C.jsx)(`div`,{className:p.scroll,children:(0,C.jsxs)(`div`,{className:p.sheet,children:[(0,C.jsx)(T,{title:`Theme`,children:(0,C.jsx)(D,{})}),(0,C.jsx)(T,{title:`Server`,children:(0,C.jsx)(O,{})}),(0,C.jsx)(T,{title:`Connect an SDK`,children:(0,C.jsx)(k,{})}),(0,C.jsx)(T,{title:`Token`,children:(0,C.jsx)(A,{})})]})})}function T({title:e,children:t}){return(0,C.jsxs)(`section`,{className:g.section,"aria-label":e,children:[(0,C.jsx)(`h2`,{children:e}),t]})}var E=[[`system`,`As the system`],[`light`,`Light`],[`dark`,`Dark`]];function D(){let[e,t]=(0,h.useState)(u),n=e=>{d(e),t(e)};return(0,C.jsx)(`div`,{role:`radiogroup`,"aria-label":`Theme`,className:g.choices,children:E.map(([t,r])=>(0,C.jsxs)(`label`,{children:[(0,C.jsx)(`input`,{type:`radio`,name:`theme`,checked:e===t,onChange:()=>n(t)}),r]},t))})}function O(){let{role:e}=c(),{model:t}=s(),[n]=m();if(n.state===`failed`)return(0,C.jsx)(f,{children:a(n.reason)});let r=n.state===`known`?n.value.node:void 0;return(0,C.jsxs)(C.Fragment,{children:[r&&r.trouble!==``&&(0,C.jsx)(f,{children:a(r.trouble)}),(0,C.jsxs)(`dl`,{className:p.facts,children:[(0,C.jsx)(`dt`,{children:`This node`}),(0,C.jsx)(`dd`,{children:r?.name??`…`}),(0,C.jsx)(`dt`,{children:`Version`}),(0,C.jsx)(`dd`,{children:r?r.version||`not named`:`…`}),(0,C.jsx)(`dt`,{children:`Revision`}),(0,C.jsx)(`dd`,{children:r?r.revision.toString():`…`}),(0,C.jsx)(`dt`,{children:`Nodes`}),(0,C.jsx)(`dd`,{children:r?r.nodes.join(`, `)||r.name:`…`}),(0,C.jsx)(`dt`,{children:`Sessions`}),(0,C.jsx)(`dd`,{children:t?l(t.sessions,`session`):`…`}),(0,C.jsx)(`dt`,{children:`Your role`}),(0,C.jsx)(`dd`,{children:e})]})]})}function k(){let[e,t]=r(),n=_(location);return(0,C.jsxs)(C.Fragment,{children:[(0,C.jsxs)(`p`,{className:p.note,children:[`Every SDK also reads `,(0,C.jsx)(`code`,{children:`STREAMDAL_URL`}),`, `,(0,C.jsx)(`code`,{children:`STREAMDAL_TOKEN`}),` and `,(0,C.jsx)(`code`,{children:`STREAMDAL_SERVICE_NAME`}),` `,`from its environment. This server is at `,(0,C.jsx)(`code`,{children:n}),`.`]}),(0,C.jsx)(`div`,{children:(0,C.jsx)(i,{label:`Language`,current:e.get(`sdk`)??`go`,onChange:e=>t({sdk:e},{replace:!0}),tabs:v.map(({id:e,label:t,install:r,program:i})=>({id:e,label:t,body:()=>(0,C.jsxs)(`div`,{className:p.section,children:[(0,C.jsx)(o,{label:`Install the ${t} SDK`,text:r}),(0,C.jsx)(o,{label:`${t} program`,text:i(n)})]})}))})})]})}function A(){return(0,C.jsxs)(`div`,{className:p.section,children:[(0,C.jsx)(`p`,{className:p.note,children:`SDKs, tools and people use the server's token. Set your own when you start it; all nodes of a cluster need the same one:`}),(0,C.jsx)(o,{label:`Make a token`,text:`streamdal-server token`}),(0,C.jsx)(o,{label:`Start with it`,text:`STREAMDAL_SERVER_AUTH_TOKEN=… streamdal-server serve`}),(0,C.jsxs)(`p`,{className:p.note,children:[`A server that is given none makes one at its first start and keeps it in the file `,(0,C.jsx)(`code`,{children:`auth-token`}),` of its data directory.`]}),(0,C.jsx)(`p`,{className:p.note,children:`Whoever holds the token may do everything. To change it, start the server with another one: who used the old one is refused from then on.`})]})}export{w as default};